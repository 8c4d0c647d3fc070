import type { CurrentItem, Progress } from "../../shared/job/job.ts";

/** What a table's data is expected to be before it is dumped. */
export interface ExpectedTable {
  readonly oid: number;
  /** `schema.name`, for people. */
  readonly label: string;
  readonly rows: number;
  /** COPY text. */
  readonly bytes: number;
}

/**
 * Turns what is seen of a running dump into one honest Progress. The total is an estimate that is corrected as tables
 * run (their bytes so far scaled by their rows) and end (their real bytes), because COPY never tells how much is to come.
 */
export interface BackupProgress {
  /** A phase without a measure, such as "reading schemas". */
  phase(label: string): void;
  /** Better estimates than those it was made with; tables that have ended keep their real figures. */
  expect(tables: readonly ExpectedTable[]): void;
  /** Only these tables' data is in the dump, as its table of contents says. */
  restrictTo(oids: ReadonlySet<number>): void;
  /** Named as what is being done, in front of the table; null: no longer. */
  waitingFor(location: string | null): void;
  running(oid: number, bytes: number, rows: number): void;
  finished(oid: number, bytes: number, rows: number): void;
  current(now: number): Progress;
}

interface TableState {
  expected: ExpectedTable;
  bytes: number;
  rows: number;
  state: "waiting" | "running" | "finished";
}

/** Weight of the newest rate against those before; samples come about four times a second. */
const RATE_WEIGHT = 0.08;

export function createBackupProgress(expected: readonly ExpectedTable[], startedAt: number): BackupProgress {
  const tables = new Map<number, TableState>(
    expected.map((table) => [table.oid, { expected: table, bytes: 0, rows: 0, state: "waiting" }]),
  );
  let phaseLabel: string | null = null;
  let slowPlace: string | null = null;
  let latest: TableState | null = null;
  let rate: number | null = null;
  let lastDone = 0;
  let lastAt = startedAt;

  function touch(oid: number): TableState {
    let table = tables.get(oid);
    if (!table) {
      table = { expected: { oid, label: "", rows: 0, bytes: 0 }, bytes: 0, rows: 0, state: "waiting" };
      tables.set(oid, table);
    }
    return table;
  }

  function followRate(done: number, now: number): void {
    const elapsed = now - lastAt;
    if (elapsed < 100) return;
    const newest = ((done - lastDone) / elapsed) * 1000;
    if (done > 0) rate = rate === null ? newest : rate + (newest - rate) * RATE_WEIGHT;
    lastDone = done;
    lastAt = now;
  }

  return {
    phase(label) {
      phaseLabel = label;
    },
    expect(better) {
      for (const table of better) {
        const known = tables.get(table.oid);
        if (known) known.expected = table;
      }
    },
    restrictTo(oids) {
      for (const oid of tables.keys()) if (!oids.has(oid)) tables.delete(oid);
    },
    waitingFor(location) {
      slowPlace = location;
    },
    running(oid, bytes, rows) {
      const table = touch(oid);
      if (table.state === "finished") return;
      table.state = "running";
      table.bytes = Math.max(table.bytes, bytes);
      table.rows = Math.max(table.rows, rows);
      latest = table;
      phaseLabel = null;
    },
    finished(oid, bytes, rows) {
      const table = touch(oid);
      table.state = "finished";
      table.bytes = bytes;
      table.rows = rows;
      phaseLabel = null;
    },
    current(now) {
      let done = 0;
      let total = 0;
      for (const table of tables.values()) {
        done += table.bytes;
        total += expectedBytes(table);
      }
      followRate(done, now);
      return {
        kind: "measured",
        unit: "bytes",
        done,
        total: Math.max(total, done),
        exact: false,
        ratePerSecond: rate,
        remainingMs: rate && rate > 0 ? ((total - done) / rate) * 1000 : null,
        current: describeCurrent(slowPlace === null ? phaseLabel : `waiting for ${slowPlace}`, latest),
      };
    },
  };
}

function expectedBytes(table: TableState): number {
  if (table.state === "finished") return table.bytes;
  const { rows, bytes } = table.expected;
  if (table.state === "running" && table.rows > 0 && rows > table.rows)
    return Math.max(table.bytes, (table.bytes * rows) / table.rows);
  return Math.max(table.bytes, bytes);
}

function describeCurrent(phase: string | null, table: TableState | null): CurrentItem | null {
  if (phase !== null) return { label: phase, rows: null, bytes: null, totalBytes: null };
  if (table === null) return null;
  return {
    label: table.expected.label,
    rows: table.rows,
    bytes: table.bytes,
    totalBytes: Math.round(expectedBytes(table)),
  };
}
