import type { ArgsOf } from "../../shared/contract/methods.ts";
import type { ConnectionTestStep, ProfileView } from "../../shared/contract/views.ts";
import { type ConnectionProfile, usualPlaces } from "../../shared/profile/profile.ts";
import type { Handlers } from "../host/served-app.ts";
import { systemDefaults } from "../profiles/client-files.ts";
import { createProfile } from "../profiles/create-profile.ts";
import { openProfileStore } from "../profiles/profile-store.ts";
import { resolveProfileFields, sshSecretName } from "../profiles/resolve-connection.ts";
import { type ConnectionStep, testConnection } from "../profiles/test-connection.ts";
import { showHostKey, trustShownHostKey } from "../ssh/trust-host.ts";
import type { AppServices } from "./app-services.ts";
import { secretOf } from "./databases.ts";
import { refuseUnopenable } from "./keys.ts";

/** Saved connections. Passwords come in here and never go out. */
export function profileHandlers(services: AppServices): Pick<Handlers, Extract<keyof Handlers, `profiles.${string}`>> {
  const { env, passwords } = services;
  const store = async () => openProfileStore(await services.home());
  return {
    "profiles.list": async () => (await (await store()).list()).map(viewOf),
    async "profiles.save"({ profile, replaces, password, sshSecret }) {
      const profiles = await store();
      const old = replaces === null ? null : await profiles.get(replaces);
      const given = secretOf(password);
      const fields = complete(profile, old);
      if (old === null) await profiles.add(fields);
      else await profiles.replace(old.name, fields);
      if (old !== null) {
        await passwords.rename(old.name, fields.name);
        await passwords.rename(sshSecretName(old.name), sshSecretName(fields.name));
      }
      const opensTunnel = secretOf(sshSecret);
      if (fields.tunnel === undefined) await passwords.forget(sshSecretName(fields.name));
      else if (opensTunnel !== null) await passwords.keep(sshSecretName(fields.name), opensTunnel);
      services.changed("profiles");
      if (given === null) return { passwordKeptIn: "nowhere" };
      if (fields.passwordSource === "keychain") {
        const passwordKeptIn = await passwords.keep(fields.name, given);
        // A profile that names a keychain which is not there would look for its password in vain after the next start.
        if (passwordKeptIn === "memory") await profiles.replace(fields.name, { ...fields, passwordSource: "ask" });
        return { passwordKeptIn };
      }
      await passwords.type(fields.name, given);
      return { passwordKeptIn: "memory" };
    },
    async "profiles.remove"({ name }) {
      await (await store()).remove(name);
      await passwords.forget(name);
      await passwords.forget(sshSecretName(name));
      services.changed("profiles");
      return null;
    },
    async "profiles.parse"({ text }) {
      const draft = { name: "new", url: connectionOfLine(text), environment: "development", colour: null } as const;
      const { profile, password, warnings } = await createProfile({ ...draft, passwordSource: "ask" }, env);
      const passwordSource = password === null ? "ask" : "keychain";
      return {
        profile: { ...viewOf(profile), name: profile.database, passwordSource },
        hasPassword: password !== null,
        warnings,
      };
    },
    async "profiles.test"({ profile, password, sshSecret }, { signal }) {
      const given = secretOf(password) ?? (await passwords.typed(profile.name));
      const test = await testConnection(async () => {
        const known = await (await store()).get(profile.name).catch(() => null);
        const connection = await resolveProfileFields(complete(profile, known), {
          home: await services.home(),
          env,
          secrets: passwords.secrets,
          sshSecret: secretOf(sshSecret),
        });
        return given === null ? connection : { ...connection, password: given, passwordFrom: "your answer" };
      }, signal);
      return test.steps.map(({ step, state, message }): ConnectionTestStep => {
        const isFailed = state === "failed";
        return {
          step: stepNames[step],
          state: state === "ok" ? "passed" : state,
          message,
          error: isFailed ? test.error : null,
        };
      });
    },
    async "profiles.setPlaces"({ name, places }) {
      const profiles = await store();
      const profile = await profiles.get(name);
      await refuseUnopenable(places.recipients, services);
      await profiles.replace(name, { ...profile, places });
      services.changed("profiles");
      return null;
    },
    async "profiles.hostKey"({ tunnel }, { signal }) {
      return showHostKey(tunnel, (await services.home()).knownHostsFile, signal);
    },
    async "profiles.trustHostKey"({ tunnel, fingerprint }, { signal }) {
      return trustShownHostKey(tunnel, fingerprint, (await services.home()).knownHostsFile, signal);
    },
  };
}

const stepNames: Readonly<Record<ConnectionStep, ConnectionTestStep["step"]>> = {
  "SSH name": "sshName",
  "SSH port": "sshPort",
  "SSH host key": "sshHostKey",
  "SSH login": "sshLogin",
  name: "name",
  port: "port",
  TLS: "tls",
  login: "login",
  database: "database",
  privileges: "privileges",
};

function viewOf(profile: ConnectionProfile): ProfileView {
  const { name, hosts, database, user, sslMode, sslRootCert, sslCert, sslKey } = profile;
  const { tunnel = null, passwordSource, environment, colour, places = usualPlaces } = profile;
  const server = { hosts, database, user, sslMode, sslRootCert, sslCert, sslKey, tunnel };
  return { name, ...server, passwordSource, environment, colour, places };
}

/** What the editor does not show stays as it was; what is left empty takes PostgreSQL's default. */
function complete(fields: ArgsOf<"profiles.save">["profile"], old: ConnectionProfile | null): ConnectionProfile {
  const user = fields.user || systemDefaults().user;
  const { service = null, tunnel: _, ...hidden } = old ?? {};
  const { tunnel, ...shown } = fields;
  const way = tunnel === null ? {} : { tunnel };
  return { ...hidden, ...shown, ...way, user, database: fields.database || user, service };
}

/** People paste lines such as `export DATABASE_URL="postgres://…"`. */
export function connectionOfLine(text: string): string {
  const [, value = text] = /^\s*(?:export\s+)?[A-Z][A-Z0-9_]*\s*[=:]\s*(\S.*)$/s.exec(text) ?? [];
  return value.trim().replace(/^(["'])(.*)\1;?$/s, "$2");
}
