import { AppError } from "../../shared/error/app-error.ts";
import { parseConninfo } from "../../shared/profile/conninfo.ts";
import { readEnvironment } from "../../shared/profile/environment.ts";
import type { ConnectionParameters } from "../../shared/profile/keywords.ts";
import type { ConnectionProfile, ConnectionTarget } from "../../shared/profile/profile.ts";
import { buildTarget, formatTarget, mergeParameters, targetOfProfile } from "../../shared/profile/target.ts";
import { isConnectionUrl, parseConnectionUrl } from "../../shared/profile/url.ts";
import type { Home } from "../home.ts";
import { createKeychainStore } from "../secrets/keychain.ts";
import { locatePgpass, readPgpass } from "../secrets/pgpass.ts";
import { Secret } from "../secrets/secret.ts";
import type { SecretStore } from "../secrets/secret-store.ts";
import { prepareTunnel } from "../ssh/tunnels.ts";
import { completeTlsFiles, loadService, systemDefaults } from "./client-files.ts";
import { openProfileStore } from "./profile-store.ts";

/** Everything needed to connect, and how it came about. */
export interface ResolvedConnection {
  readonly target: ConnectionTarget;
  readonly password: Secret | null;
  /** For people: `the keychain`, `/home/me/.pgpass, line 3`, `PGPASSWORD`, `the URL`, `your answer`, `none`. */
  readonly passwordFrom: string;
  /** Sentences for people. */
  readonly warnings: string[];
}

export interface ConnectionServices {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  /** Asks the person; left out where there is none to ask. Null: no answer. */
  readonly ask?: (question: string) => Promise<Secret | null>;
  /** What opens the tunnel, where it was typed just now and is not kept. */
  readonly sshSecret?: Secret | null;
  /** Left out: the keychain. */
  readonly secrets?: SecretStore;
}

/** The name under which a profile's password is kept; two homes may have profiles of one name. */
export function secretAccount(profileName: string, home: Home): string {
  return `profile ${profileName} in ${home.root}`;
}

/** The same for what opens the profile's tunnel, a password or a passphrase. No profile's name has a space in it. */
export function sshSecretName(profileName: string): string {
  return `${profileName} (ssh)`;
}

/**
 * A saved profile, a URL (or keyword/value string), or libpq's environment where neither is given, as a connection.
 * Passwords: the profile's own source, else the URL's, the service's, PGPASSWORD, .pgpass; a person is asked last, and
 * only when the server does want a password.
 *
 * @throws AppError `usage.invalid` (both given, or nothing at all), `profile.*`, `connection.*`
 */
export async function resolveConnection(
  choice: { profile?: string | undefined; url?: string | undefined },
  services: ConnectionServices,
): Promise<ResolvedConnection> {
  if (choice.profile !== undefined && choice.url !== undefined) {
    throw new AppError("usage.invalid", "--profile and --url name two connections; give one of them.");
  }
  if (choice.profile !== undefined) return resolveProfile(choice.profile, services);
  return resolveParameters(choice.url, services);
}

/** A URL or a keyword/value string as parameters. @throws AppError `connection.invalid` */
export function parseConnectionString(text: string): ConnectionParameters {
  return isConnectionUrl(text) || text.includes("://") || !text.includes("=")
    ? parseConnectionUrl(text)
    : parseConninfo(text);
}

/** A connection string with its service file, as parameters; the environment left aside. For making profiles. */
export async function loadParameters(
  text: string,
  env: NodeJS.ProcessEnv,
): Promise<{ parameters: ConnectionParameters; warnings: string[] }> {
  const explicit = parseConnectionString(text);
  if (!explicit.service) return { parameters: explicit, warnings: [] };
  const service = await loadService(explicit.service, explicit.servicefile ?? env["PGSERVICEFILE"], env);
  return { parameters: mergeParameters(explicit, service.parameters), warnings: [...service.warnings] };
}

/**
 * A stored target with its password looked up anew, for running a job again: as its profile says where it came from one
 * and that is still there, else from PGPASSWORD, .pgpass or the person. The target itself stays what it was.
 *
 * @throws AppError `profile.invalid`
 */
export async function resolveTarget(
  target: ConnectionTarget,
  services: ConnectionServices,
): Promise<ResolvedConnection> {
  const profiles = target.profile === null ? [] : await openProfileStore(services.home).list();
  const profile = profiles.find(({ name }) => name === target.profile);
  readyTunnel(target, services);
  if (profile !== undefined) return findProfilePassword(profile, target, services);
  const found = await findElsewhere(target, services);
  return { target, ...found };
}

async function resolveProfile(name: string, services: ConnectionServices): Promise<ResolvedConnection> {
  return resolveProfileFields(await openProfileStore(services.home).get(name), services);
}

/** The same for a profile's fields as they are, saved or not yet. @throws AppError `connection.tls` */
export async function resolveProfileFields(
  profile: ConnectionProfile,
  services: ConnectionServices,
): Promise<ResolvedConnection> {
  const target = completeTlsFiles(targetOfProfile(profile), services.env);
  readyTunnel(target, services);
  return findProfilePassword(profile, target, services);
}

/** Says how the target's tunnel is logged in to: by what is kept for its profile, else by asking. */
function readyTunnel(target: ConnectionTarget, services: ConnectionServices): void {
  if (target.tunnel === undefined) return;
  const { home, ask } = services;
  // Asked once: the tunnel of one job is opened and closed several times.
  let answer: Secret | null = services.sshSecret ?? null;
  prepareTunnel(target.tunnel, {
    knownHostsFile: home.knownHostsFile,
    async secret(question) {
      if (answer !== null) return answer;
      const store = services.secrets ?? createKeychainStore();
      const account = secretAccount(sshSecretName(target.profile ?? ""), home);
      // Without a keychain nothing is kept in it; a person may still know.
      const kept = await store.read(account).catch(() => null);
      answer = kept ?? (await ask?.(question)) ?? null;
      return answer;
    },
  });
}

async function findProfilePassword(
  profile: ConnectionProfile,
  target: ConnectionTarget,
  services: ConnectionServices,
): Promise<ResolvedConnection> {
  const warnings: string[] = [];
  if (profile.passwordSource === "none") return { target, password: null, passwordFrom: "none", warnings };
  if (profile.passwordSource === "keychain") {
    const store = services.secrets ?? createKeychainStore();
    try {
      const password = await store.read(secretAccount(profile.name, services.home));
      if (password !== null) return { target, password, passwordFrom: store.place, warnings };
      warnings.push(`Nothing is kept in ${store.place} for the profile ${profile.name}.`);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      warnings.push(error.message);
    }
  }
  const found = await findElsewhere(target, services);
  return { target, ...found, warnings: [...warnings, ...found.warnings] };
}

type FoundPassword = Omit<ResolvedConnection, "target">;

/** PGPASSWORD, then .pgpass, then the person, where there is one and the server does want a password. */
async function findElsewhere(
  target: ConnectionTarget,
  services: ConnectionServices,
  passfile = locatePgpass(services.env),
): Promise<FoundPassword> {
  const given = services.env["PGPASSWORD"];
  if (given) return { password: new Secret(given), passwordFrom: "PGPASSWORD", warnings: [] };
  const { password, place, warnings } = await findInPgpass(passfile, target);
  if (password !== null) return { password, passwordFrom: place, warnings };
  const isAsked = services.ask !== undefined && (await wantsPassword(target));
  const answer = isAsked ? ((await services.ask?.(`Password for ${formatTarget(target)}:`)) ?? null) : null;
  return { password: answer, passwordFrom: answer === null ? "none" : "your answer", warnings };
}

async function resolveParameters(url: string | undefined, services: ConnectionServices): Promise<ResolvedConnection> {
  const { env } = services;
  const explicit = url === undefined ? {} : parseConnectionString(url);
  const environment = readEnvironment(env);
  if (url === undefined && !["host", "hostaddr", "service", "dbname"].some((keyword) => keyword in environment)) {
    throw new AppError("usage.invalid", "No connection is named.", {
      hint: "Name it with --profile NAME or --url postgresql://…, or set PGHOST, PGDATABASE or PGSERVICE.",
    });
  }
  const warnings: string[] = [];
  const serviceName = explicit.service || environment.service;
  let service: ConnectionParameters = {};
  if (serviceName) {
    const found = await loadService(serviceName, explicit.servicefile ?? environment.servicefile, env);
    service = found.parameters;
    warnings.push(...found.warnings);
  }
  const parameters = mergeParameters(explicit, service, environment);
  const built = buildTarget(parameters, systemDefaults());
  warnings.push(...built.warnings);
  const target = completeTlsFiles(built.target, env);
  if (parameters.password) {
    const passwordFrom = explicit.password ? "the URL" : service.password ? `the service ${serviceName}` : "PGPASSWORD";
    return { target, password: new Secret(parameters.password), passwordFrom, warnings };
  }
  const passfile = parameters.passfile || locatePgpass(env);
  const found = await findElsewhere(target, services, passfile);
  return { target, ...found, warnings: [...warnings, ...found.warnings] };
}

/** The first host's password that the file holds; hosts of one connection are replicas and share it. */
async function findInPgpass(
  path: string,
  target: ConnectionTarget,
): Promise<{ password: Secret | null; place: string; warnings: string[] }> {
  const { database, user } = target;
  const answers = await Promise.all(
    target.hosts.map(({ host, port }) => readPgpass(path, { host, port, database, user })),
  );
  const found = answers.find((answer) => answer.password !== null);
  const warnings = [...new Set(answers.map((answer) => answer.warning).filter((warning) => warning !== null))];
  if (answers.some((answer) => answer.password !== null && answer.password.reveal() !== found?.password?.reveal())) {
    warnings.push(`${path} holds different passwords for the hosts of this connection; the first is used for all.`);
  }
  return { password: found?.password ?? null, place: found?.place ?? "none", warnings };
}

/**
 * As psql does it: asked is only when the server does. Most failures will be met again, and told, by whoever connects
 * next; a silent host is told at once, because nobody wants to wait for it twice.
 */
async function wantsPassword(target: ConnectionTarget): Promise<boolean> {
  try {
    // Loaded late: listing profiles needs no driver.
    const { connect } = await import("../postgres/connect.ts");
    await (await connect(target, null)).close();
    return false;
  } catch (error) {
    if (!(error instanceof AppError) || error.code === "connection.timeout" || error.code.startsWith("ssh."))
      throw error;
    return error.code === "connection.passwordMissing";
  }
}
