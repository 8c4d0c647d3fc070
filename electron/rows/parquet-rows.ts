import type { CopyRow } from "../../shared/archive/copy-text.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { parseTime } from "../../shared/rows/compare-times.ts";
import type { RowColumn } from "../../shared/rows/row-columns.ts";
import { lifeboatVersion } from "../version.ts";
import { byteaBytes } from "./bytea.ts";
import { type ColumnValues, createLongs, createTexts, createValues } from "./parquet-columns.ts";
import { openParquetFile, type ParquetColumn } from "./parquet-package.ts";

/** A table's rows on their way into a Parquet file: a row group at a time. */
export interface ParquetRows {
  /** Bytes of the file that these rows completed; often none. @throws usage.invalid where Parquet has no such value */
  add(rows: readonly CopyRow[]): Uint8Array<ArrayBuffer>;
  /** The rest of the file. @throws as add */
  end(): Uint8Array<ArrayBuffer>;
}

/** A row group is held in memory until it is written; NULLs take their place in it too. */
const mostRows = 100_000;
const mostBytes = 8 * 1024 * 1024;

/**
 * Numbers, times, booleans, UUIDs and bytea are Parquet's own; all else, `numeric` without a precision too, is text as
 * PostgreSQL writes it. Nothing is rounded.
 * @param where for errors: `of public.orders`
 * @throws usage.invalid for a table without columns
 */
export function createParquetRows(columns: readonly RowColumn[], where: string): ParquetRows {
  if (columns.length === 0)
    throw new AppError("usage.invalid", `A Parquet file needs columns, and the rows ${where} have none.`, {
      hint: useCsv,
    });
  const forms = columns.map(({ name, type }) => ({ name, ...formOf(type) }));
  const file = openParquetFile(
    forms.map(({ name, column }) => ({ name, ...column })),
    `Lifeboat ${lifeboatVersion}`,
  );
  const group = forms.map(({ column }) => valuesOf(column));
  let rows = 0;
  let bytes = 0;

  function flush(): void {
    if (rows === 0) return;
    file.write(
      rows,
      group.map((values) => values.take()),
    );
    rows = 0;
    bytes = 0;
  }

  function add(row: CopyRow): void {
    for (const [at, { name, read }] of forms.entries()) {
      const text = row[at] ?? null;
      const value = text === null ? null : read(text);
      if (value === undefined) throw notInParquet(text ?? "", name, where);
      bytes += group[at]?.push(value) ?? 0;
    }
    rows += 1;
  }

  return {
    add(more) {
      for (const row of more) {
        add(row);
        if (rows >= mostRows || bytes >= mostBytes) flush();
      }
      return file.take();
    },
    end() {
      flush();
      file.finish();
      return file.take();
    },
  };
}

function valuesOf({ type, converted_type: converted }: Form["column"]): ColumnValues {
  if (type === "INT64") return createLongs();
  return converted === "UTF8" ? createTexts() : createValues();
}

const useCsv = "Export it as CSV or JSON lines, which hold every value.";

function notInParquet(text: string, column: string, where: string): AppError {
  return new AppError("usage.invalid", `Parquet has no value for ${text.slice(0, 60)} in column ${column} ${where}.`, {
    hint: useCsv,
  });
}

/** How a column is written. */
interface Form {
  readonly column: Omit<ParquetColumn, "name">;
  /** Undefined where Parquet has no such value. */
  readonly read: (text: string) => unknown;
}

const asText: Form = { column: { type: "BYTE_ARRAY", converted_type: "UTF8" }, read: (text) => text };
const asInteger: Form = { column: { type: "INT32" }, read: Number };

const forms: readonly (readonly [RegExp, Form])[] = [
  [/^(?:smallint|integer)$/, asInteger],
  [/^bigint$/, { column: { type: "INT64" }, read: BigInt }],
  [/^boolean$/, { column: { type: "BOOLEAN" }, read: (text) => text === "t" }],
  // The shortest text that PostgreSQL writes of a float is read as that very float.
  [/^real$/, { column: { type: "FLOAT" }, read: Number }],
  [/^double precision$/, { column: { type: "DOUBLE" }, read: Number }],
  [
    /^uuid$/,
    { column: { type: "FIXED_LEN_BYTE_ARRAY", type_length: 16, logical_type: { type: "UUID" } }, read: String },
  ],
  [/^bytea$/, { column: { type: "BYTE_ARRAY" }, read: byteaBytes }],
  [/^date$/, { column: { type: "INT32", converted_type: "DATE" }, read: readDate }],
  [/^timestamp(?:\(\d\))? without time zone$/, timestamp(false)],
  [/^timestamp(?:\(\d\))? with time zone$/, timestamp(true)],
];

/** @param type as the archive's definition of the table writes it; null: unknown */
function formOf(type: string | null): Form {
  if (type === null) return asText;
  const [, precision, scale] = /^numeric\((\d+),(\d+)\)$/.exec(type) ?? [];
  // Eighteen digits fit into 64 bits.
  if (Number(precision) <= 18 && Number(scale) <= Number(precision)) return decimal(Number(precision), Number(scale));
  return forms.find(([pattern]) => pattern.test(type))?.[1] ?? asText;
}

function decimal(precision: number, scale: number): Form {
  return {
    column: { type: "INT64", converted_type: "DECIMAL", precision, scale },
    /** PostgreSQL writes all digits of the scale; NaN has none. */
    read(text) {
      const [, whole, fraction = ""] = /^(-?\d+)(?:\.(\d+))?$/.exec(text) ?? [];
      return whole === undefined || fraction.length !== scale ? undefined : BigInt(whole + fraction);
    },
  };
}

function timestamp(isAdjustedToUTC: boolean): Form {
  return {
    column: { type: "INT64", logical_type: { type: "TIMESTAMP", isAdjustedToUTC, unit: "MICROS" } },
    read(text) {
      const time = parseTime(text);
      if (time === null || !Number.isFinite(time.clock) || isAdjustedToUTC !== (time.offset !== null)) return undefined;
      const value = BigInt(time.clock - (time.offset ?? 0)) * 1_000_000n + BigInt(time.microseconds);
      return value === BigInt.asIntN(64, value) ? value : undefined;
    },
  };
}

function readDate(text: string): number | undefined {
  const clock = parseTime(text)?.clock;
  return clock === undefined || !Number.isFinite(clock) ? undefined : clock / 86_400;
}
