import { AppError } from "../error/app-error.ts";
import { type ConnectionParameters, isKeyword } from "./keywords.ts";

/** One section of a pg_service.conf. */
export interface Service {
  readonly parameters: ConnectionParameters;
  /** Sentences for people: keywords that were passed over. */
  readonly warnings: readonly string[];
}

/**
 * The section `[name]` of a pg_service.conf (manual 34.17, `parseServiceFile` in fe-connect.c), null where the file
 * has none. Reading stops at the next section; the first of two equal keywords wins; there are no spaces around `=`
 * and no quotes, the value is the rest of the line. Where libpq gives up on an unknown keyword, it is passed over with
 * a warning, so that a section written for a newer libpq still serves.
 *
 * @param file its path, for messages
 * @throws AppError `connection.invalid` for a line without `=` or a service that names a service
 */
export function findService(text: string, name: string, file: string): Service | null {
  const parameters: ConnectionParameters = {};
  const warnings: string[] = [];
  let found = false;
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (found) break;
      // As libpq compares: whatever follows the bracket is of no matter.
      found = line.startsWith(`${name}]`, 1);
      continue;
    }
    if (!found) continue;
    const separator = line.indexOf("=");
    const place = `${file}, line ${index + 1}`;
    if (separator < 0) {
      throw new AppError("connection.invalid", `A line of the service ${name} is not keyword=value.`, {
        detail: place,
        hint: "Mend that line of the service file.",
      });
    }
    const keyword = line.slice(0, separator);
    if (keyword === "service" || keyword === "servicefile") {
      throw new AppError("connection.invalid", `The service ${name} names another service, which PostgreSQL forbids.`, {
        detail: place,
        hint: "Write the other service's settings out in this section.",
      });
    }
    if (isKeyword(keyword)) parameters[keyword] ??= line.slice(separator + 1);
    else warnings.push(`${place}: there is no connection keyword “${keyword}”; the line is ignored.`);
  }
  return found ? { parameters, warnings } : null;
}
