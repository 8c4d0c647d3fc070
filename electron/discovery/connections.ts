import type { ConnectionChoice, FoundDatabase } from "../../shared/contract/views.ts";
import type { ConnectionProfile, ConnectionTarget, PasswordSource } from "../../shared/profile/profile.ts";
import type { Home } from "../home.ts";
import { awaitedSample, startSample } from "../postgres/sample/sample-server.ts";
import { createProfile } from "../profiles/create-profile.ts";
import type { PasswordKeeper } from "../profiles/password-keeper.ts";
import { isProfileName } from "../profiles/profile-schema.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import { type ResolvedConnection, resolveConnection } from "../profiles/resolve-connection.ts";
import type { Secret } from "../secrets/secret.ts";
import { findDatabases } from "./find-databases.ts";
import { createFoundDatabases, type Finding, keyOf } from "./found-databases.ts";

/** From what a window names to a connection: a profile, a found database, a URL, the sample. */
export interface Connections {
  find(signal: AbortSignal): Promise<FoundDatabase[]>;
  /**
   * @param given a password that was typed for it; kept in memory where the choice is a profile
   * @throws profile.*, connection.*, sample.*
   */
  resolve(choice: ConnectionChoice, given: Secret | null): Promise<ResolvedConnection>;
  /**
   * The same for a backup: what is no profile yet becomes one, with a name made from the database's, and its password goes
   * to the keychain, or stays in memory. The sample is not started: its backup does that (BackupRequest.sample).
   */
  adopt(choice: ConnectionChoice, given: Secret | null): Promise<{ profile: string; connection: ResolvedConnection }>;
}

export interface ConnectionsServices {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly passwords: PasswordKeeper;
}

/** The name that stands for the sample where a profile's name is expected. */
export const sampleProfile = "sample";

export function createConnections(services: ConnectionsServices): Connections {
  const { home, env, passwords } = services;
  const found = createFoundDatabases();

  async function resolve(choice: ConnectionChoice, given: Secret | null): Promise<ResolvedConnection> {
    if (choice.kind === "profile") return resolveProfile(choice.name, given);
    if (choice.kind === "found") return withGiven(resolveFound(found.get(choice.id)), given);
    if (choice.kind === "url") return withGiven(await resolveConnection({ url: choice.url }, { home, env }), given);
    const { target, password } = await startSample(home);
    return { target, password, passwordFrom: "none", warnings: [] };
  }

  async function resolveProfile(profile: string, given: Secret | null): Promise<ResolvedConnection> {
    const connection = await resolveConnection({ profile }, { home, env, secrets: passwords.secrets });
    if (given !== null) await passwords.type(profile, given);
    return withGiven(connection, await passwords.typed(profile));
  }

  async function adopt(choice: ConnectionChoice, given: Secret | null) {
    if (choice.kind === "profile") return { profile: choice.name, connection: await resolve(choice, given) };
    if (choice.kind === "sample") return { profile: sampleProfile, connection: awaitedSample(home) };
    const { profile, password } =
      choice.kind === "url" ? await draftOfUrl(choice.url) : draftOfFinding(found.get(choice.id));
    const name = await save(profile, given ?? password);
    return { profile: name, connection: await resolve({ kind: "profile", name }, null) };
  }

  async function draftOfUrl(url: string): Promise<Draft> {
    const draft = { name: "new", url, environment: "development", colour: null, passwordSource: "ask" } as const;
    return createProfile(draft, env);
  }

  /** Saves it under a free name, or gives the name of the profile that is the very same connection. */
  async function save(draft: ConnectionProfile, password: Secret | null): Promise<string> {
    const store = openProfileStore(home);
    const known = await store.list();
    const same = known.find((each) => keyOf(each) === keyOf(draft));
    const name = same?.name ?? freeName(draft.database, known);
    const kept = password === null ? null : await passwords.keep(name, password);
    const passwordSource: PasswordSource =
      kept === "keychain" ? "keychain" : kept === "memory" ? "ask" : (same ?? draft).passwordSource;
    const profile = { ...(same ?? draft), name, passwordSource };
    if (same === undefined) await store.add(profile);
    else if (same.passwordSource !== passwordSource && kept === "keychain") await store.replace(name, profile);
    return name;
  }

  return {
    find: async (signal) => found.take(await findDatabases({ home, env, signal })),
    resolve,
    adopt,
  };
}

interface Draft {
  readonly profile: ConnectionProfile;
  readonly password: Secret | null;
}

function withGiven(connection: ResolvedConnection, given: Secret | null): ResolvedConnection {
  return given === null ? connection : { ...connection, password: given, passwordFrom: "your answer" };
}

function resolveFound({ target, password, passwordFrom }: Finding): ResolvedConnection {
  return { target, password, passwordFrom, warnings: [] };
}

/** A password that .pgpass or the service file holds stays there; one of the environment is gone with it, so it is kept. */
function draftOfFinding({ target, password, passwordFrom, service }: Finding): Draft {
  const isInFile = passwordFrom.includes("line ");
  const passwordSource: PasswordSource = isInFile ? "pgpass" : password === null ? "ask" : "keychain";
  return { profile: profileOf(target, service, passwordSource), password: isInFile ? null : password };
}

function profileOf(
  target: ConnectionTarget,
  service: string | null,
  passwordSource: PasswordSource,
): ConnectionProfile {
  const { hosts, database, user, sslMode, sslRootCert, sslCert, sslKey, options, targetSessionAttrs } = target;
  return {
    name: "new",
    hosts,
    database,
    user,
    sslMode,
    sslRootCert,
    sslCert,
    sslKey,
    service,
    passwordSource,
    ...(options === null ? {} : { options }),
    ...(targetSessionAttrs === "any" ? {} : { targetSessionAttrs }),
    environment: "development",
    colour: null,
  };
}

/** The database's name as far as a profile's name may hold it, with a number where it is taken. */
function freeName(database: string, known: readonly ConnectionProfile[]): string {
  const fitting = database
    .replaceAll(/[^\p{L}\p{N}._-]+/gu, "-")
    .replace(/^[^\p{L}\p{N}]+/u, "")
    .slice(0, 56);
  const base = isProfileName(fitting) ? fitting : "database";
  const taken = new Set([...known.map(({ name }) => name), sampleProfile]);
  let name = base;
  for (let number = 2; taken.has(name); number += 1) name = `${base}-${number}`;
  return name;
}
