import { zstdCompressSync } from "node:zlib";
import { ByteWriter, ParquetWriter, type SchemaElement } from "hyparquet-writer";

/** A column as Parquet has it; every one may hold NULL. */
export type ParquetColumn = Omit<SchemaElement, "repetition_type" | "num_children">;

/** A Parquet file as it is written. */
export interface ParquetFile {
  /** A row group. @param columns each column's values, all of them equally many, which are its own then; null is NULL */
  write(columns: unknown[][]): void;
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
    write(values) {
      const rows = values[0]?.length ?? 0;
      const columnData = columns.map(({ name }, at) => ({ name, data: values[at] ?? [] }));
      void file.write({ columnData, rowGroupSize: rows });
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
