import { type Session, withSession } from "../postgres/connect.ts";
import { type FactKind, factQueries, rowsQuery, storedRelations } from "./picture-queries.ts";
import type { DemoSample } from "./prepare-sample.ts";

/** One thing that a database has, and all that is to be said of it. */
export interface Fact {
  readonly kind: FactKind;
  readonly name: string;
  /** The table or view that it belongs to. */
  readonly on: string | null;
  readonly text: string;
}

export interface RowsOf {
  readonly count: number;
  readonly md5: string;
}

/** A database's tables, views and sequences with everything on them: two equal pictures are equal databases. */
export interface Picture {
  readonly facts: readonly Fact[];
  /** By name as SQL writes it: `public.orders`. */
  readonly rows: ReadonlyMap<string, RowsOf>;
}

/** Looks at all of it in one transaction. Reads every row. */
export async function takePicture(
  { connection }: Pick<DemoSample, "connection">,
  signal: AbortSignal,
): Promise<Picture> {
  return withSession(connection.target, connection.password, { signal }, async (session) => {
    await session.query("begin isolation level repeatable read read only");
    // Settings that change how values are written; and room to sort in memory.
    await session.query("set local search_path = ''; set local timezone = 'UTC'; set local work_mem = '64MB'");
    return { facts: await readFacts(session), rows: await readRows(session) };
  });
}

/* oxlint-disable no-await-in-loop -- one session, one question after another */
async function readFacts(session: Session): Promise<Fact[]> {
  const facts: Fact[] = [];
  for (const query of factQueries) facts.push(...(await session.query<Fact>(query)));
  return facts;
}

async function readRows(session: Session): Promise<Map<string, RowsOf>> {
  const rows = new Map<string, RowsOf>();
  for (const { name } of await session.query<{ name: string }>(storedRelations)) {
    const [found] = await session.query<RowsOf>(rowsQuery(name));
    if (found !== undefined) rows.set(name, found);
  }
  return rows;
}
/* oxlint-enable no-await-in-loop */
