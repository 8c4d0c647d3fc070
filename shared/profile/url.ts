import { AppError } from "../error/app-error.ts";
import { type ConnectionParameters, storeParameter } from "./keywords.ts";

/** True for a text that libpq takes for a URL rather than for a keyword/value string. */
export function isConnectionUrl(text: string): boolean {
  return text.startsWith("postgresql://") || text.startsWith("postgres://");
}

/**
 * Reads `postgresql://[user[:password]@][host][:port][,…][/dbname][?keyword=value…]` as libpq's
 * `conninfo_uri_parse_options` (fe-connect.c, manual 34.1.1.2) does: percent-encoding everywhere, several hosts, IPv6
 * addresses in brackets, socket folders as %2F hosts, `ssl=true` for JDBC's sake.
 *
 * One difference: a raw `@` after the credentials, which libpq takes for part of a host or database name, is refused
 * with an explanation. It is nearly always a password that was not percent-encoded, and its rest would travel on as a
 * host name into DNS, logs and messages. For the same reason no error here repeats a piece of the URL.
 *
 * @throws AppError `connection.invalid`
 */
export function parseConnectionUrl(url: string): ConnectionParameters {
  if (!isConnectionUrl(url)) throw invalid("A connection URL begins with postgresql:// or postgres://.");
  const parameters: ConnectionParameters = {};
  const body = url.slice(url.indexOf("//") + 2);

  let rest = body;
  // Only an @ that comes before any / ends the credentials.
  const credentials = /^([^@/]*)@/.exec(body)?.[1];
  if (credentials !== undefined) {
    rest = body.slice(credentials.length + 1);
    const colon = credentials.indexOf(":");
    const user = colon < 0 ? credentials : credentials.slice(0, colon);
    const password = colon < 0 ? "" : credentials.slice(colon + 1);
    if (user !== "") parameters.user = decodePart(user, "the user name");
    if (password !== "") parameters.password = decodePart(password, "the password");
  }

  const { hosts, ports, end } = readHosts(rest);
  const query = rest.indexOf("?", end);
  const path = rest.slice(end, query < 0 ? undefined : query);
  if (rest.slice(0, end).includes("@") || path.includes("@")) throw passwordNotEncoded();
  if (hosts.join(",") !== "") parameters.host = decodePart(hosts.join(","), "the host");
  if (ports.join(",") !== "") parameters.port = decodePart(ports.join(","), "the port");
  if (path.length > 1) parameters.dbname = decodePart(path.slice(1), "the database name");
  if (query >= 0) readQuery(rest.slice(query + 1), parameters);
  return parameters;
}

/** The part before `/` or `?`: hosts with ports, comma-separated; `end` is where it stops. */
function readHosts(text: string): { hosts: string[]; ports: string[]; end: number } {
  const hosts: string[] = [];
  const ports: string[] = [];
  let at = 0;
  for (;;) {
    let host: string;
    if (text[at] === "[") {
      const close = text.indexOf("]", at);
      if (close < 0) throw invalid("The URL opens a bracket for an IPv6 address and does not close it.");
      host = text.slice(at + 1, close);
      if (host === "") throw invalid("The brackets in the URL hold no IPv6 address.");
      at = close + 1;
      if (at < text.length && !":/?,".includes(text.charAt(at))) {
        if (text[at] === "@") throw passwordNotEncoded();
        throw invalid("After the IPv6 address in brackets, the URL must go on with : or /.");
      }
    } else {
      const stop = at + (/[:/?,]/.exec(text.slice(at))?.index ?? text.length - at);
      host = text.slice(at, stop);
      at = stop;
    }
    let port = "";
    if (text[at] === ":") {
      const start = at + 1;
      at = start + (/[/?,]/.exec(text.slice(start))?.index ?? text.length - start);
      port = text.slice(start, at);
    }
    hosts.push(host);
    ports.push(port);
    if (text[at] !== ",") return { hosts, ports, end: at };
    at++;
  }
}

/** `keyword=value&…`; what libpq refuses is refused, with `ssl=true` read as `sslmode=require`. */
function readQuery(query: string, parameters: ConnectionParameters): void {
  for (const parameter of query === "" ? [] : query.replace(/&$/, "").split("&")) {
    const separator = parameter.indexOf("=");
    const name = decodePart(separator < 0 ? parameter : parameter.slice(0, separator), "a parameter's name");
    const shown = /^[a-z][a-z_]{0,29}$/i.test(name) ? `“${name}”` : "one parameter";
    if (separator < 0 || parameter.includes("=", separator + 1)) {
      if (parameter.includes("@")) throw passwordNotEncoded();
      throw invalid(
        `In the URL, parameters are written name=value with & between them; ${shown} is not.`,
        "Write = inside a value as %3D and & as %26.",
      );
    }
    const value = decodePart(parameter.slice(separator + 1), `the parameter ${shown}`);
    const isJdbcSsl = name === "ssl" && value === "true";
    if (!storeParameter(parameters, isJdbcSsl ? "sslmode" : name, isJdbcSsl ? "require" : value)) {
      if (parameter.includes("@")) throw passwordNotEncoded();
      throw invalid(
        `The URL's parameter ${shown} is none that PostgreSQL knows.`,
        "Leave it out. Some frameworks add parameters of their own, which only they understand.",
      );
    }
  }
}

function decodePart(text: string, what: string): string {
  if (/%(?![0-9a-f]{2})/i.test(text)) {
    throw invalid(`In the URL, ${what} has a % that is not followed by two hexadecimal digits.`, "Write % as %25.");
  }
  if (text.includes("%00")) throw invalid(`In the URL, ${what} holds %00, which no PostgreSQL value can hold.`);
  try {
    return decodeURIComponent(text);
  } catch {
    throw invalid(`In the URL, the percent-encoded bytes of ${what} are not UTF-8.`);
  }
}

function passwordNotEncoded(): AppError {
  return invalid(
    "The URL cannot be taken apart: it seems that the password holds an @, : or / as it is.",
    "Percent-encode them in the password: @ as %40, : as %3A, / as %2F (and % as %25, ? as %3F). Or leave the password out of the URL and use .pgpass or PGPASSWORD.",
  );
}

function invalid(message: string, hint?: string): AppError {
  return new AppError("connection.invalid", message, {
    hint: hint ?? "The shape is postgresql://user@host:5432/database?sslmode=verify-full",
  });
}
