import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { ProfileView } from "../../../shared/contract/views.ts";
import { isLocalHost, isSocket } from "../../../shared/profile/hosts.ts";
import type {
  Environment,
  PasswordSource,
  SshAuthentication,
  SshTunnel,
  SslMode,
} from "../../../shared/profile/profile.ts";

/** A profile while it is typed: numbers are still text, and the password is beside the rest because it is never read back. */
export interface ProfileDraft {
  readonly name: string;
  readonly reach: "host" | "socket";
  /** Tried in order; where `reach` is socket, the first one's host is the socket's folder. */
  readonly hosts: readonly HostDraft[];
  readonly database: string;
  readonly user: string;
  /** null: nobody chose one, so the safe one for the hosts holds. */
  readonly sslMode: SslMode | null;
  readonly sslRootCert: string;
  readonly sslCert: string;
  readonly sslKey: string;
  readonly ssh: SshDraft;
  readonly passwordSource: PasswordSource;
  readonly password: string;
  readonly environment: Environment;
  readonly colour: string | null;
}

export interface HostDraft {
  readonly host: string;
  readonly port: string;
}

/** The SSH server in between; what is typed waits here when it is switched off. */
export interface SshDraft {
  readonly isOn: boolean;
  readonly host: string;
  /** Empty, as the user and the key file may be: what ~/.ssh/config says, else ssh's own. */
  readonly port: string;
  readonly user: string;
  readonly authentication: SshAuthentication;
  readonly keyFile: string;
  /** Password or passphrase; never read back. */
  readonly secret: string;
}

/** The fields that can be wrong; a host's are named with its place. */
export type DraftField = "name" | "database" | "user" | "ssh-host" | "ssh-port" | `host-${number}` | `port-${number}`;
/** What is wrong, as a key into the feature's texts. */
export type DraftFault = "missing" | "notAPort" | "notAFolder" | "isASocket";
export type DraftFaults = ReadonlyMap<DraftField, DraftFault>;

/** A new profile. Without a keychain the password is asked for each time, which needs nothing else. */
export function emptyDraft(hasKeychain: boolean): ProfileDraft {
  return {
    name: "",
    reach: "host",
    hosts: [{ host: "", port: "5432" }],
    database: "",
    user: "",
    sslMode: null,
    sslRootCert: "",
    sslCert: "",
    sslKey: "",
    ssh: noSsh,
    passwordSource: hasKeychain ? "keychain" : "ask",
    password: "",
    environment: "development",
    colour: null,
  };
}

const noSsh: SshDraft = {
  isOn: false,
  host: "",
  port: "",
  user: "",
  authentication: "agent",
  keyFile: "",
  secret: "",
};

function sshDraftOf({ host, port, user, authentication, keyFile }: SshTunnel): SshDraft {
  const texts = { port: port === null ? "" : String(port), user: user ?? "", keyFile: keyFile ?? "" };
  return { ...noSsh, ...texts, isOn: true, host, authentication };
}

/** A saved profile, to be edited. */
export function draftOf(profile: ProfileView): ProfileDraft {
  const first = profile.hosts[0];
  return {
    name: profile.name,
    reach: first !== undefined && isSocket(first.host) ? "socket" : "host",
    hosts: profile.hosts.map(({ host, port }) => ({ host, port: String(port) })),
    database: profile.database,
    user: profile.user,
    sslMode: profile.sslMode,
    sslRootCert: profile.sslRootCert ?? "",
    sslCert: profile.sslCert ?? "",
    sslKey: profile.sslKey ?? "",
    ssh: profile.tunnel === null ? noSsh : sshDraftOf(profile.tunnel),
    passwordSource: profile.passwordSource,
    password: "",
    environment: profile.environment,
    colour: profile.colour,
  };
}

/** The draft with the fields of a pasted URL; what a URL does not speak of stays as it was typed. */
export function fillFromUrl(draft: ProfileDraft, parsed: ProfileView): ProfileDraft {
  const filled = draftOf(parsed);
  return {
    ...filled,
    name: draft.name.trim() === "" ? parsed.name || parsed.database : draft.name,
    ssh: draft.ssh,
    passwordSource: draft.passwordSource,
    password: draft.password,
    environment: draft.environment,
    colour: draft.colour,
  };
}

/** Sockets and loopback as libpq does it; anything further away has to prove who it is. */
export function defaultSslMode(draft: ProfileDraft): SslMode {
  return effectiveHosts(draft).every(({ host }) => host.trim() === "" || isLocalHost(host.trim()))
    ? "prefer"
    : "verify-full";
}

/** The mode that saving writes down. */
export function effectiveSslMode(draft: ProfileDraft): SslMode {
  return draft.reach === "socket" ? (draft.sslMode ?? "prefer") : (draft.sslMode ?? defaultSslMode(draft));
}

/** Whether the path to the server can be listened to, or the server be another than meant. */
export function isUnguarded(draft: ProfileDraft): boolean {
  const isRemote = effectiveHosts(draft).some(({ host }) => host.trim() !== "" && !isLocalHost(host.trim()));
  return isRemote && !["verify-full", "verify-ca"].includes(effectiveSslMode(draft));
}

/** What has to be mended before the draft can be tested or saved; empty where nothing has. */
export function findFaults(draft: ProfileDraft): DraftFaults {
  const faults = new Map<DraftField, DraftFault>();
  for (const field of ["name", "database", "user"] as const) {
    if (draft[field].trim() === "") faults.set(field, "missing");
  }
  for (const [index, { host, port }] of effectiveHosts(draft).entries()) {
    const name = host.trim();
    if (name === "") faults.set(`host-${index}`, "missing");
    else if (draft.reach === "socket" && !isSocket(name)) faults.set(`host-${index}`, "notAFolder");
    else if (draft.reach === "host" && isSocket(name)) faults.set(`host-${index}`, "isASocket");
    if (parsePort(port) === null) faults.set(`port-${index}`, "notAPort");
  }
  if (draft.ssh.isOn) {
    if (tunnelHost(draft.ssh) === "") faults.set("ssh-host", "missing");
    if (draft.ssh.port.trim() !== "" && parsePort(draft.ssh.port) === null) faults.set("ssh-port", "notAPort");
  }
  return faults;
}

/** The profile that a draft without faults describes. */
export function profileOf(draft: ProfileDraft): ArgsOf<"profiles.save">["profile"] {
  return {
    name: draft.name.trim(),
    hosts: effectiveHosts(draft).map(({ host, port }) => ({ host: host.trim(), port: parsePort(port) ?? 0 })),
    database: draft.database,
    user: draft.user,
    sslMode: effectiveSslMode(draft),
    sslRootCert: pathOrNull(draft.sslRootCert),
    sslCert: pathOrNull(draft.sslCert),
    sslKey: pathOrNull(draft.sslKey),
    tunnel: draft.ssh.isOn ? tunnelOf(draft.ssh) : null,
    passwordSource: draft.passwordSource,
    environment: draft.environment,
    colour: draft.colour,
  };
}

function tunnelOf(ssh: SshDraft): SshTunnel {
  return {
    host: tunnelHost(ssh),
    port: parsePort(ssh.port),
    user: pathOrNull(ssh.user),
    authentication: ssh.authentication,
    keyFile: ssh.authentication === "key" ? pathOrNull(ssh.keyFile) : null,
  };
}

/** Without what can be in no name, such as a space pasted along. */
function tunnelHost({ host }: SshDraft): string {
  return host.replaceAll(/[\s@]/g, "").replace(/^-+/, "");
}

/** Whether leaving would lose something that was typed. */
export function isChanged(draft: ProfileDraft, saved: ProfileDraft): boolean {
  return JSON.stringify(draft) !== JSON.stringify(saved);
}

/** A socket has one folder; further hosts wait in the draft in case the person goes back. */
function effectiveHosts(draft: ProfileDraft): readonly HostDraft[] {
  return draft.reach === "socket" ? draft.hosts.slice(0, 1) : draft.hosts;
}

function parsePort(text: string): number | null {
  const port = /^\d{1,5}$/.test(text.trim()) ? Number(text) : 0;
  return port >= 1 && port <= 65_535 ? port : null;
}

function pathOrNull(text: string): string | null {
  return text.trim() === "" ? null : text.trim();
}
