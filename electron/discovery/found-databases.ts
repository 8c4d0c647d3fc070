import { randomBytes } from "node:crypto";
import type { FoundDatabase } from "../../shared/contract/views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import { formatHost } from "../../shared/profile/target.ts";
import type { Secret } from "../secrets/secret.ts";

/** What was found, with all that is needed to connect; a view of it goes to the window. */
export interface Finding {
  readonly source: FoundDatabase["source"];
  readonly target: ConnectionTarget;
  /** Null where none is known, or none is wanted. */
  readonly password: Secret | null;
  readonly passwordFrom: string;
  /** Section of pg_service.conf, where it came from one. */
  readonly service: string | null;
  /** Whether a login has worked; else the user may be unknown or a password wanted. */
  readonly isOpen: boolean;
  readonly serverVersion: string | null;
  readonly sizeBytes: number | null;
}

/** Findings under opaque ids. A database found again has the id it had. */
export interface FoundDatabases {
  take(findings: readonly Finding[]): FoundDatabase[];
  /** @throws connection.invalid where the id is not (or no longer) known */
  get(id: string): Finding;
}

export function createFoundDatabases(): FoundDatabases {
  const byId = new Map<string, Finding>();
  const ids = new Map<string, string>();
  return {
    take(findings) {
      return findings.map((finding) => {
        const key = `${finding.source} ${finding.service ?? ""} ${keyOf(finding.target)}`;
        const id = ids.get(key) ?? randomBytes(12).toString("base64url");
        ids.set(key, id);
        byId.set(id, finding);
        return viewOf(id, finding);
      });
    },
    get(id) {
      const finding = byId.get(id);
      if (finding !== undefined) return finding;
      throw new AppError("connection.invalid", "This database was found by an earlier start of Lifeboat.", {
        hint: "Look for databases again, and choose it anew.",
      });
    },
  };
}

/** Two findings with the same key are the same database for the same user. */
export function keyOf({ hosts, database, user }: Pick<ConnectionTarget, "hosts" | "database" | "user">): string {
  return `${hosts.map(({ host, port }) => `${host}:${port}`).join(",")} ${database} ${user}`;
}

function viewOf(id: string, { source, target, service, isOpen, serverVersion, sizeBytes }: Finding): FoundDatabase {
  const where = target.hosts.map(formatHost).join(", ");
  return {
    id,
    database: target.database,
    where: service === null ? where : `${where} (service ${service})`,
    user: isOpen || source !== "running" ? target.user : null,
    serverVersion,
    sizeBytes,
    source,
  };
}
