import { textOfValue, valueOfText } from "../../shared/compare/value-text.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Session } from "../postgres/connect.ts";

/** A column whose archived text is read by the live column's type and written again. */
export interface NormalizedColumn {
  readonly place: number;
  /** As format_type writes it with an empty search_path. */
  readonly type: string;
}

/**
 * Rows of texts with the named columns as this server writes them, so that what only looks different (a time zone, a
 * changed type, digits of a floating point number) is the same. A value that its type does not take stays as it is.
 * @throws connection.*, job.cancelled
 */
export async function normalizeRows(
  session: Session,
  rows: readonly (readonly (string | null)[])[],
  columns: readonly NormalizedColumn[],
): Promise<(string | null)[][]> {
  if (rows.length === 0 || columns.length === 0) return rows.map((row) => [...row]);
  try {
    return await normalizeAll(session, rows, columns);
  } catch (error) {
    if (!(error instanceof AppError) || !error.code.startsWith("postgres.")) throw error;
  }
  const [only] = rows;
  if (rows.length === 1 && only !== undefined) return [await normalizeEach(session, only, columns)];
  const middle = rows.length >> 1;
  return [
    ...(await normalizeRows(session, rows.slice(0, middle), columns)),
    ...(await normalizeRows(session, rows.slice(middle), columns)),
  ];
}

async function normalizeAll(
  session: Session,
  rows: readonly (readonly (string | null)[])[],
  columns: readonly NormalizedColumn[],
): Promise<(string | null)[][]> {
  const written = columns.map(({ type }, at) => `${textOfValue(valueOfText(`b.c${at}`, type), type)} as c${at}`);
  const given = columns.map((_, at) => `$${at + 1}::pg_catalog.text[]`);
  const answers = await session.query<Record<string, string | null>>(
    `select ${written.join(", ")} from pg_catalog.unnest(${given.join(", ")})
       with ordinality as b (${columns.map((_, at) => `c${at}`).join(", ")}, place) order by b.place`,
    columns.map(({ place }) => rows.map((row) => row[place] ?? null)),
  );
  return rows.map((row, at) => {
    const answer = answers[at] ?? {};
    const changed = [...row];
    for (const [index, { place }] of columns.entries()) changed[place] = answer[`c${index}`] ?? null;
    return changed;
  });
}

/** One row, each value for itself. */
async function normalizeEach(
  session: Session,
  row: readonly (string | null)[],
  columns: readonly NormalizedColumn[],
): Promise<(string | null)[]> {
  let changed = [...row];
  for (const column of columns) {
    // oxlint-disable-next-line no-await-in-loop -- one session, one query after another
    const [tried] = await normalizeAll(session, [changed], [column]).catch((error: unknown) => {
      if (error instanceof AppError && error.code.startsWith("postgres.")) return [];
      throw error;
    });
    if (tried !== undefined) changed = tried;
  }
  return changed;
}
