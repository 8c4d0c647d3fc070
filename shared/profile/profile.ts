/** How libpq guards the connection (sslmode). */
export type SslMode = "disable" | "allow" | "prefer" | "require" | "verify-ca" | "verify-full";

/** How dangerous a mistake is there; production targets ask for the database's name to be typed. */
export type Environment = "production" | "staging" | "development";

/** Where a profile's password comes from. Never the profile itself. */
export type PasswordSource = "keychain" | "pgpass" | "ask" | "none";

/** A host name, an address, or a socket folder (begins with `/` or `@`), with its port. */
export interface HostAddress {
  readonly host: string;
  readonly port: number;
}

/** How one proves to an SSH server who one is. `agent`: as ssh does, the agent's keys, then the usual key files. */
export type SshAuthentication = "agent" | "key" | "password";

/** An SSH server through which the database is reached; the target's hosts are then meant as that server sees them. */
export interface SshTunnel {
  /** A name, an address, or a Host of ~/.ssh/config. */
  readonly host: string;
  /** null: as ~/.ssh/config says, else 22. */
  readonly port: number | null;
  /** null: as ~/.ssh/config says, else the operating system's name of this user. */
  readonly user: string | null;
  readonly authentication: SshAuthentication;
  /** Private key, `~/` allowed; null: as ~/.ssh/config says, else ssh's usual ones. */
  readonly keyFile: string | null;
}

/** Where backups of a database go, and for whom they are encrypted. */
export interface BackupPlaces {
  /** null: the default folder. */
  readonly folder: string | null;
  /** Saved storages that get a copy each, by name. */
  readonly storages: readonly string[];
  /** age recipients; none: not encrypted. */
  readonly recipients: readonly string[];
}

/** A saved connection. Holds no secret. */
export interface ConnectionProfile {
  readonly name: string;
  /** Tried in order, as libpq does. */
  readonly hosts: readonly HostAddress[];
  readonly database: string;
  readonly user: string;
  readonly sslMode: SslMode;
  /** File, or `system` for the operating system's roots. */
  readonly sslRootCert: string | null;
  readonly sslCert: string | null;
  readonly sslKey: string | null;
  /** Section of pg_service.conf the rest was taken from, for show. */
  readonly service: string | null;
  /** Seconds for each host, 0 for no limit; left out for the default. */
  readonly connectTimeoutSeconds?: number;
  /** Session settings as libpq's `options`. */
  readonly options?: string;
  readonly targetSessionAttrs?: ConnectionTarget["targetSessionAttrs"];
  readonly tunnel?: SshTunnel;
  readonly passwordSource: PasswordSource;
  readonly environment: Environment;
  /** `#rrggbb`, or null for the environment's own. */
  readonly colour: string | null;
  /** Left out: the default folder, not encrypted. */
  readonly places?: BackupPlaces;
}

export const usualPlaces: BackupPlaces = { folder: null, storages: [], recipients: [] };

/**
 * Everything needed to connect, the password apart from it. Made from a profile, a URL, a conninfo string or the PG*
 * environment; the same for our own driver and for child processes.
 */
export interface ConnectionTarget {
  readonly hosts: readonly HostAddress[];
  readonly database: string;
  readonly user: string;
  readonly sslMode: SslMode;
  /** File, or `system` for the operating system's roots; null where nothing is checked against roots. */
  readonly sslRootCert: string | null;
  readonly sslCert: string | null;
  readonly sslKey: string | null;
  /** For each host; 0 waits for ever. */
  readonly connectTimeoutSeconds: number;
  /** Session settings as libpq's `options`, for example `-c search_path=x`; null for none. */
  readonly options: string | null;
  readonly targetSessionAttrs: "any" | "read-write" | "read-only" | "primary" | "standby" | "prefer-standby";
  /** Left out: reached directly. */
  readonly tunnel?: SshTunnel;
  readonly environment: Environment;
  /** The profile's name, where it came from one. */
  readonly profile: string | null;
}
