import { setTimeout as sleep } from "node:timers/promises";
import { formatName } from "../../shared/command/names.ts";
import type { ConnectionTarget } from "../../shared/profile/profile.ts";
import type { Secret } from "../secrets/secret.ts";
import { connect, type Session } from "./connect.ts";

/** What the backends of one program were doing at one moment. */
export interface CopySample {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** One for each COPY that runs; none on servers before 14, which do not tell. */
  readonly copies: readonly {
    readonly pid: number;
    /** `schema.name` as PostgreSQL writes it; the OID where the relation is in another database. */
    readonly relation: string;
    readonly relationOid: number;
    /** Of COPY's text so far. */
    readonly bytes: number;
    readonly rows: number;
  }[];
  /** What the server says the program is at or waits for; null when it is idle or cannot be seen. */
  readonly activity: string | null;
}

const reconnectMs = 5000;

/**
 * Watches every backend whose application_name is the given one through a session of its own, and hands on a sample each
 * interval until stop(). It is a courtesy: nothing it meets is thrown, a lost connection is made anew, and starting does
 * not wait for the connection. The role must be the watched one, or have pg_read_all_stats.
 *
 * @param target its database should be the one being dumped, for the relations' names
 * @returns stop(): resolves when the session is closed and no further sample can come
 */
export function watchCopyProgress(
  target: ConnectionTarget,
  password: Secret | null,
  applicationName: string,
  onSample: (sample: CopySample) => void,
  intervalMs = 250,
): Promise<{ stop(): Promise<void> }> {
  const ending = new AbortController();
  const { signal } = ending;
  const watching = (async () => {
    /* oxlint-disable no-await-in-loop -- a watch is a loop */
    while (!signal.aborted) {
      let session: Session | null = null;
      try {
        session = await connect(target, password, { applicationName: "lifeboat progress", signal });
        for (;;) {
          const sample = await takeSample(session, applicationName);
          if (signal.aborted) break;
          onSample(sample);
          await sleep(intervalMs, undefined, { signal });
        }
      } catch {
        // Ended by stop(), or the server went: the program that is watched tells about that itself.
      } finally {
        await session?.close();
      }
      await sleep(reconnectMs, undefined, { signal }).catch(() => {});
    }
    /* oxlint-enable no-await-in-loop */
  })();
  return Promise.resolve({
    stop() {
      ending.abort();
      return watching;
    },
  });
}

interface BackendRow {
  readonly pid: number;
  readonly waitType: string | null;
  readonly wait: string | null;
  readonly state: string | null;
  readonly query: string | null;
  readonly oid: number | null;
  readonly schema: string | null;
  readonly name: string | null;
  readonly bytes: number | null;
  readonly rows: number | null;
}

async function takeSample(session: Session, applicationName: string): Promise<CopySample> {
  const hasCopyView = session.serverVersionNum >= 140000;
  const rows = await session.query<BackendRow>(
    `select a.pid, a.wait_event_type as "waitType", a.wait_event as wait, a.state, pg_catalog.left(a.query, 200) as query,
            ${hasCopyView ? "p.relid" : "null::oid"} as oid, n.nspname as schema, c.relname as name,
            ${hasCopyView ? "p.bytes_processed" : "null::int8"} as bytes,
            ${hasCopyView ? "p.tuples_processed" : "null::int8"} as rows
     from pg_catalog.pg_stat_activity a
     ${hasCopyView ? "left join pg_catalog.pg_stat_progress_copy p on p.pid = a.pid" : ""}
     left join pg_catalog.pg_class c
       on ${hasCopyView ? "c.oid = p.relid and p.datname = pg_catalog.current_database()" : "false"}
     left join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where a.application_name = $1
     order by a.backend_start`,
    [applicationName],
  );
  const copies = rows.flatMap((row) =>
    row.oid === null || row.bytes === null || row.rows === null
      ? []
      : [
          {
            pid: row.pid,
            relation: row.name === null ? String(row.oid) : formatName(row.schema, row.name),
            relationOid: row.oid,
            bytes: row.bytes,
            rows: row.rows,
          },
        ],
  );
  return { at: Date.now(), copies, activity: describeActivity(rows) };
}

/** The first backend that waits for a lock, else the first that works. */
function describeActivity(rows: readonly BackendRow[]): string | null {
  const active = rows.filter((row) => row.state === "active");
  const shown = active.find((row) => row.waitType === "Lock") ?? active[0];
  if (shown === undefined) return null;
  const query = (shown.query ?? "").replaceAll(/\s+/g, " ").trim();
  if (shown.waitType === "Lock") return `waiting for a lock (${shown.wait}): ${query}`;
  // A client that reads slowly is waited for as ClientWrite: our own disk or network is the brake then.
  if (shown.wait === "ClientWrite") return `waiting for us to take its data: ${query}`;
  return query === "" ? null : query;
}
