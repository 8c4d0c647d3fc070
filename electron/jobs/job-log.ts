import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { open } from "node:fs/promises";
import { dirname } from "node:path";

/** The most a job's log may grow to; pg_dump and pg_restore with --verbose stay far below. */
const mostBytes = 20_000_000;
const flushAfterMs = 100;
const flushAtLength = 65_536;
const readAtOnceBytes = 1_000_000;

/** The growing log of one job: lines with their time, in a file of mode 0600. */
export interface JobLog {
  /** Adds a line. More lines in the text become indented ones. Never throws: a full disk must not end a job. */
  append(line: string): void;
  /** Writes what is still held back and closes the file. */
  close(): void;
}

/** Opens the log file for appending, making it and its folder where there is none. */
export function openJobLog(path: string, limitBytes = mostBytes): JobLog {
  let held: string[] = [];
  let heldLength = 0;
  let writtenBytes = 0;
  let timer: NodeJS.Timeout | null = null;
  let file: number | null = tryOpen(path);

  function flush(): void {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    const bytes = Buffer.from(held.join(""));
    held = [];
    heldLength = 0;
    if (file === null || bytes.length === 0) return;
    try {
      writeSync(file, bytes);
    } catch {
      // Disk full or gone. The job's own writes meet the same and say so.
    }
  }

  return {
    append(line) {
      if (file === null || writtenBytes > limitBytes) return;
      let text = `${new Date().toISOString()} ${line.trimEnd().replaceAll("\n", "\n  ")}\n`;
      writtenBytes += Buffer.byteLength(text);
      if (writtenBytes > limitBytes) text = `${new Date().toISOString()} The log ends here: it reached its limit.\n`;
      held.push(text);
      heldLength += text.length;
      if (heldLength >= flushAtLength) flush();
      else timer ??= setTimeout(flush, flushAfterMs).unref();
    },
    close() {
      flush();
      if (file !== null) closeSync(file);
      file = null;
    },
  };
}

/**
 * The log from a byte offset on, up to 1 MB of whole lines, and the offset to go on from. An offset at or after the end,
 * or a log that is not there (yet), gives no text.
 */
export async function readJobLog(path: string, offset: number): Promise<{ text: string; nextOffset: number }> {
  const file = await open(path, "r").catch(() => null);
  if (file === null) return { text: "", nextOffset: offset };
  try {
    const buffer = Buffer.alloc(readAtOnceBytes);
    const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
    // Whole lines only: a character must not be cut in two, nor a line that is still being written.
    const end = buffer.subarray(0, bytesRead).lastIndexOf(0x0a) + 1;
    const length = end === 0 && bytesRead === buffer.length ? bytesRead : end;
    return { text: buffer.toString("utf8", 0, length), nextOffset: offset + length };
  } finally {
    await file.close();
  }
}

function tryOpen(path: string): number | null {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, "a", 0o600);
  } catch {
    return null;
  }
}
