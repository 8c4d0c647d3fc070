import { quoteIdentifier } from "../../shared/command/names.ts";
import { mayDifferInText } from "../../shared/compare/match-columns.ts";
import { textOfValue, valueOfText } from "../../shared/compare/value-text.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Session } from "../postgres/connect.ts";
import type { Comparison, DifferenceSink } from "./comparison.ts";
import type { DecodeDifferences } from "./decode-differences.ts";
import { keyNotUnique } from "./held-lines.ts";
import { LineReader } from "./line-reader.ts";
import { fromLive } from "./live-table.ts";
import type { LineDifference } from "./match-lines.ts";

const temporary = "pg_temp.lifeboat_rows";
const batchSize = 1000;

/**
 * Compares in the server: the archive's rows go into a temporary table, as texts, because a column may have another type
 * now; one statement compares them with the live rows' texts. Needs the TEMPORARY privilege and room in the server.
 * @param session prepared; nothing else runs in it meanwhile
 * @returns the archive's rows, counted
 * @throws compare.keyNotUnique, compare.keyInvalid, archive.*, postgres.*, job.cancelled
 */
export async function compareInServer(
  comparison: Comparison,
  session: Session,
  decode: DecodeDifferences,
  sink: DifferenceSink,
  options: { readonly signal: AbortSignal },
): Promise<number> {
  const { compared } = comparison.match;
  const columns = compared.map((_, place) => columnOf(place));
  await session.query(
    `create temporary table lifeboat_rows (${columns.map((column) => `${column} pg_catalog.text collate "C"`).join(", ")})`,
  );
  const copied = await session.copyIn(
    `copy ${temporary} (${columns.join(", ")}) from stdin with (encoding '${comparison.rows.encoding}')`,
    comparison.rows.read(options.signal),
  );
  await session.query(`analyze ${temporary}`);
  await refuseBadKeys(comparison, session);
  const query = comparison.key.places.length === 0 ? countingQuery(comparison) : joiningQuery(comparison);
  const reader = new LineReader(
    session.copyOut(`copy (${query}) to stdout with (encoding '${comparison.rows.encoding}')`),
  );
  let found: LineDifference[] = [];
  const flush = async (): Promise<void> => {
    const rows = await decode(found);
    found = [];
    await sink.take(rows);
  };
  /* oxlint-disable no-await-in-loop -- line after line */
  while (await reader.fillLine()) {
    found.push(...readDifference(reader.bytes.toString("latin1", reader.at, reader.lineEnd), compared.length));
    reader.skipLine();
    if (found.length >= batchSize) await flush();
  }
  /* oxlint-enable no-await-in-loop */
  await flush();
  await session.query(`drop table ${temporary}`);
  return copied;
}

/** The archive's texts as the live type writes them, where that may differ. */
function backupRows({ match }: Comparison, isWhole: boolean, keyPlaces: readonly number[]): string {
  const written = match.compared.map((column, place) => {
    const name = columnOf(place);
    // Other columns are read by their type afterwards, value by value, so that one that does not fit stops nothing.
    const isRead = mayDifferInText(column) && (isWhole || keyPlaces.includes(place));
    return isRead ? `${textOfValue(valueOfText(name, column.live.type), column.live.type)} as ${name}` : name;
  });
  return `select ${["1 as present", ...written].join(", ")} from ${temporary}`;
}

function liveRows({ live, match }: Comparison): string {
  const written = match.compared.map(
    (column, place) => `${textOfValue(quoteIdentifier(column.live.name), column.live.type)} as ${columnOf(place)}`,
  );
  return `select ${["1 as present", ...written].join(", ")} from ${fromLive(live)}`;
}

function joiningQuery(comparison: Comparison): string {
  const places = comparison.match.compared.map((_, place) => columnOf(place));
  const on = comparison.key.places.map((place) => `b.${columnOf(place)} = t.${columnOf(place)}`);
  const differ = places.map((column) => `b.${column} is distinct from t.${column}`);
  return `select case when b.present is null then 'a' when t.present is null then 'm' else 'c' end, 1,
      ${[...places.map((column) => `b.${column}`), ...places.map((column) => `t.${column}`)].join(", ")}
    from (${backupRows(comparison, false, comparison.key.places)}) b
    full join (${liveRows(comparison)}) t on ${on.join(" and ")}
    where b.present is null or t.present is null or ${differ.join(" or ")}`;
}

/** Without a key: how many more of each row there are on one side. */
function countingQuery(comparison: Comparison): string {
  const columns = comparison.match.compared.map((_, place) => columnOf(place)).join(", ");
  return `select case when sum(n) > 0 then 'm' else 'a' end, abs(sum(n)), ${columns}, ${columns} from (
      select 1 as n, b.* from (${backupRows(comparison, true, [])}) b
      union all select -1, t.* from (${liveRows(comparison)}) t) counted
    group by ${columns} having sum(n) <> 0`;
}

/** kind, how often, the archive's values, the live ones. */
function readDifference(line: string, columns: number): LineDifference[] {
  const [kind = "", count = "", ...values] = line.split("\t");
  const backup = values.slice(0, columns).join("\t");
  const live = values.slice(columns).join("\t");
  if (kind === "c") return [{ kind: "changed", backup, live }];
  const one: LineDifference = kind === "m" ? { kind: "missing", backup } : { kind: "added", live };
  return Array.from({ length: Number(count) }, () => one);
}

/** @throws compare.keyNotUnique, compare.keyInvalid */
async function refuseBadKeys(comparison: Comparison, session: Session): Promise<void> {
  const { key, match } = comparison;
  if (key.places.length === 0) return;
  const columns = key.places.map(columnOf);
  const sides = [backupRows(comparison, false, key.places), liveRows(comparison)];
  const isNullable = key.places.some((place) => match.compared[place]?.live.isNotNull === false);
  for (const rows of sides) {
    /* oxlint-disable no-await-in-loop -- one session, one query after another */
    if (isNullable) {
      const nulls = columns.map((column) => `${column} is null`).join(" or ");
      const [found] = await session.query(`select 1 from (${rows}) r where ${nulls} limit 1`);
      if (found !== undefined)
        throw new AppError("compare.keyInvalid", "The key is NULL in some rows, so they cannot be matched by it.", {
          hint: "Choose another key with --key, or compare whole rows with: --key none",
        });
    }
    if (key.isUniqueOnBoth) continue;
    const [shared] = await session.query(
      `select 1 from (${rows}) r group by ${columns.join(", ")} having count(*) > 1 limit 1`,
    );
    if (shared !== undefined) throw keyNotUnique();
    /* oxlint-enable no-await-in-loop */
  }
}

function columnOf(place: number): string {
  return `c${place}`;
}
