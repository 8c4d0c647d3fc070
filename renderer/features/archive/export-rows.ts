import type { RowsPage } from "../../../shared/contract/views.ts";
import { type ExportFormat, exportHead, exportRows, type RowValues } from "./model/row-text.ts";

const PAGE_ROWS = 1000;
/** Text is handed to the browser in pieces of this size, so that the heap stays small whatever the table has. */
const PIECE_CHARACTERS = 4_000_000;

export interface ExportRequest {
  readonly format: ExportFormat;
  /** How many rows at the most; null for all. */
  readonly limit: number | null;
  /** One page, with values as long as they are. */
  readPage(offset: number, limit: number): Promise<RowsPage>;
  onProgress(rows: number): void;
  readonly signal: AbortSignal;
}

/** Reads rows page by page into a file's content. Null where it was stopped. */
export async function collectExport(request: ExportRequest): Promise<{ blob: Blob; rows: number } | null> {
  const { format, limit, signal } = request;
  const pieces: Blob[] = [];
  let text = "";
  let rows = 0;
  for (;;) {
    const wanted = Math.min(PAGE_ROWS, limit === null ? PAGE_ROWS : limit - rows);
    if (wanted <= 0) break;
    // Pages follow each other: the archive is read on from where the last one ended.
    // oxlint-disable-next-line no-await-in-loop
    const page = await request.readPage(rows, wanted);
    if (signal.aborted) return null;
    const names = page.columns.map(({ name }) => name);
    if (rows === 0) text += exportHead(names, format);
    text += exportRows(names, page.rows, format);
    rows += page.rows.length;
    request.onProgress(rows);
    if (text.length > PIECE_CHARACTERS) {
      pieces.push(new Blob([text]));
      text = "";
    }
    if (page.isEnd) break;
  }
  pieces.push(new Blob([text]));
  return { blob: new Blob(pieces, { type: mediaTypes[format] }), rows };
}

/** Rows that are here already, in the order they are shown. */
export function loadedExport(columns: RowsPage["columns"], rows: readonly RowValues[], format: ExportFormat): Blob {
  const names = columns.map(({ name }) => name);
  return new Blob([exportHead(names, format), exportRows(names, rows, format)], { type: mediaTypes[format] });
}

const mediaTypes = { csv: "text/csv;charset=utf-8", jsonl: "application/x-ndjson" } as const;

/** Gives a file to the browser's downloads. */
export function saveBlob(blob: Blob, fileName: string): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = url;
  link.download = fileName;
  link.click();
  // The download has its own hold of the content by then.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
