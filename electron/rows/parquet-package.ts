import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";

type Statistics = NonNullable<
  NonNullable<ParquetWriter["row_groups"][number]["columns"][number]["meta_data"]>["statistics"]
>;

/** A column as Parquet has it; every one may hold NULL. */
export type ParquetColumn = Omit<SchemaElement, "repetition_type" | "num_children">;

/** A Parquet file as it is written. */
export interface ParquetFile {
  /** A row group. @param columns each column's values, one for each row, of which nothing is kept; null is NULL */
  write(rows: number, columns: readonly ArrayLike<unknown>[]): void;
  /** Ends the file. */
  finish(): void;
  /** What was written since it was asked last. */
  take(): Uint8Array<ArrayBuffer>;
}

/**
 * The one door to hyparquet-writer: https://github.com/hyparam/hyparquet-writer, Parquet in JavaScript without native code.
 * Pages are compressed with zstd, which Node has and every common reader knows.
 */
export function openParquetFile(columns: readonly ParquetColumn[], createdBy: string): ParquetFile {
  const out = new ByteWriter();
  const file = new ParquetWriter({
    writer: out,
    schema: [
      { name: "root", num_children: columns.length },
      ...columns.map((column) => ({ ...column, repetition_type: "OPTIONAL" as const })),
    ],
    codec: "ZSTD",
    compressors: { ZSTD: (bytes) => zstdCompressSync(bytes) },
    createdBy,
  });
  return {
    write(rows, values) {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- arrays of what ParquetColumn says, and typed arrays
      const columnData = columns.map(({ name }, at) => ({ name, data: (values[at] ?? []) as unknown[] }));
      void file.write({ columnData, rowGroupSize: rows });
      for (const { meta_data: written } of file.row_groups.at(-1)?.columns ?? []) keepShortBounds(written?.statistics);
    },
    finish() {
      void file.finish();
    },
    take() {
      const bytes = out.getBytes().slice();
      // Its `offset`, which places in the file are counted by, goes on.
      out.index = 0;
      return bytes;
    },
  };
}

/** Longer bounds are left out of a column's statistics, which are kept until the file ends. */
const mostBoundBytes = 1024;
const bounds = ["min_value", "max_value"] as const;

/**
 * Bounds are pieces of the values: they are copied, so that the values themselves can go. Both are there or neither: readers
 * take the one that is left out for an empty value, and pass over rows that are there.
 */
function keepShortBounds(statistics: Statistics | undefined): void {
  if (statistics === undefined) return;
  const isLong = bounds.some((bound) => {
    const value = statistics[bound];
    return value instanceof Uint8Array && value.length > mostBoundBytes;
  });
  for (const bound of bounds) {
    const value = statistics[bound];
    if (isLong) delete statistics[bound];
    else if (value instanceof Uint8Array) statistics[bound] = new Uint8Array(value);
  }
}
