import { sampleDatabase } from "../../shared/profile/sample-database.ts";
import type { Home } from "../home.ts";
import { type Session, withSession } from "../postgres/connect.ts";
import {
  type RunningSample,
  resetSample,
  type SamplePhase,
  sampleStatus,
  startSample,
  stopSample,
} from "../postgres/sample/sample-server.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";

/** The sample while the story uses it. */
export interface DemoSample {
  readonly version: string;
  readonly database: string;
  readonly url: string;
  readonly connection: ResolvedConnection;
  /** It was running before, so it is left running. */
  readonly wasRunning: boolean;
  /** What it lacked, so that it was made anew; empty as a rule. */
  readonly missing: readonly string[];
}

/** Is told what happens to the sample. */
export interface SampleListener {
  samplePhase(phase: SamplePhase): void;
  /** Before the sample is thrown away, with what it lacks. */
  sampleIncomplete(missing: readonly string[]): void;
}

/** What the story is about: the table, who refers to it, who reads it, and what it stands on. */
const relations = [
  "public.orders",
  "public.order_lines",
  "public.order_notes",
  "public.customers",
  "public.order_overview",
  "analytics.monthly_sales",
];
const parts = ["orders_pkey", "orders_record_event", "order_lines_order_id_fkey", "order_notes_order_id_fkey"];

/**
 * Starts the sample where it is not running, and makes it anew where the story's tables are not whole. A failure or an
 * abort leaves it as it was found: stopped or running.
 * @throws sample.*, connection.*, job.cancelled
 */
export async function prepareSample(home: Home, signal: AbortSignal, listener: SampleListener): Promise<DemoSample> {
  const wasRunning = (await sampleStatus(home)).state === "running";
  const onPhase = (phase: SamplePhase): void => listener.samplePhase(phase);
  try {
    let sample = await startSample(home, onPhase, { signal });
    const missing = await withSession(sample.target, sample.password, { signal }, findMissing);
    if (missing.length > 0) {
      listener.sampleIncomplete(missing);
      sample = await resetSample(home, onPhase, { signal });
    }
    return { ...describe(sample), wasRunning, missing };
  } catch (error) {
    if (!wasRunning) await stopSample(home);
    throw error;
  }
}

function describe(sample: RunningSample): Pick<DemoSample, "version" | "database" | "url" | "connection"> {
  const { target, password, version, url } = sample;
  return {
    version,
    url,
    database: sampleDatabase,
    connection: { target, password, passwordFrom: "none", warnings: [] },
  };
}

async function findMissing(session: Session): Promise<string[]> {
  const missing = await session.query<{ name: string }>(
    "select name from unnest($1::text[]) as name where pg_catalog.to_regclass(name) is null",
    [relations],
  );
  if (missing.length > 0) return missing.map(({ name }) => name);
  const lost = await session.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where name not in (
       select conname from pg_catalog.pg_constraint where conrelid = any ($2::regclass[])
       union all select tgname from pg_catalog.pg_trigger where tgrelid = any ($2::regclass[]))`,
    [parts, relations],
  );
  const rows = await session.query("select 1 from public.orders limit 1");
  return [...lost.map(({ name }) => name), ...(rows.length === 0 ? ["rows of public.orders"] : [])];
}
