import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionProfile, Environment, PasswordSource, SshTunnel } from "../../shared/profile/profile.ts";
import { buildTarget, defaultConnectTimeoutSeconds, defaultProfileSslMode } from "../../shared/profile/target.ts";
import { Secret } from "../secrets/secret.ts";
import { systemDefaults } from "./client-files.ts";
import { isColour } from "./profile-schema.ts";
import { loadParameters } from "./resolve-connection.ts";

/** What a person gives for a new profile. */
export interface ProfileDraft {
  readonly name: string;
  /** URL or keyword/value string; a service in it is looked up and written out. */
  readonly url: string;
  readonly environment: Environment;
  readonly colour: string | null;
  readonly passwordSource: PasswordSource;
  /** The SSH server it is reached through; left out: reached directly. */
  readonly tunnel?: SshTunnel | undefined;
}

/**
 * A profile from a connection string, and the password that was in the string, apart from it. A remote host whose string
 * names no sslmode gets verify-full. The environment has no say: a profile means the same in every terminal.
 *
 * @throws AppError `connection.invalid`, `profile.invalid`
 */
export async function createProfile(
  draft: ProfileDraft,
  env: NodeJS.ProcessEnv,
): Promise<{ profile: ConnectionProfile; password: Secret | null; warnings: string[] }> {
  if (draft.colour !== null && !isColour(draft.colour)) {
    throw new AppError("profile.invalid", "A colour is written #rrggbb, for example #c62828.");
  }
  const { parameters, warnings } = await loadParameters(draft.url, env);
  const unsaid = parameters.sslmode === undefined;
  // Built once to know the hosts, then with the mode that suits them.
  const { hosts } = buildTarget(parameters, systemDefaults()).target;
  const built = buildTarget(
    unsaid && parameters.sslrootcert !== "system"
      ? { ...parameters, sslmode: defaultProfileSslMode(hosts) }
      : parameters,
    systemDefaults(),
  );
  const { target } = built;
  const profile: ConnectionProfile = {
    name: draft.name,
    hosts: target.hosts,
    database: target.database,
    user: target.user,
    sslMode: target.sslMode,
    sslRootCert: target.sslRootCert,
    sslCert: target.sslCert,
    sslKey: target.sslKey,
    service: parameters.service ?? null,
    ...(target.connectTimeoutSeconds === defaultConnectTimeoutSeconds
      ? {}
      : { connectTimeoutSeconds: target.connectTimeoutSeconds }),
    ...(target.options === null ? {} : { options: target.options }),
    ...(target.targetSessionAttrs === "any" ? {} : { targetSessionAttrs: target.targetSessionAttrs }),
    ...(draft.tunnel === undefined ? {} : { tunnel: draft.tunnel }),
    passwordSource: draft.passwordSource,
    environment: draft.environment,
    colour: draft.colour,
  };
  return {
    profile,
    password: parameters.password ? new Secret(parameters.password) : null,
    warnings: [...warnings, ...built.warnings],
  };
}
