import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import { z } from "zod";
import type { ScriptPart } from "../../shared/put-back/put-back-sql.ts";
import type { Session } from "../postgres/connect.ts";
import { writeFileDurably } from "../storage/durable-file.ts";

const stepsSchema = z.array(
  z.object({
    sql: z.string(),
    /** Bytes of the file that hold the rows of a COPY; null for other statements. */
    rows: z.tuple([z.number().int(), z.number().int()]).nullable(),
  }),
);

/** The statements of a script file, each with the place of its rows. */
export type ScriptSteps = z.infer<typeof stepsSchema>;

/** Writes a script that psql takes: statements, and COPY with its rows behind it. Private to this user. */
export class ScriptFile {
  readonly path: string;
  readonly steps: ScriptSteps = [];
  readonly #file: FileHandle;
  #at = 0;

  private constructor(path: string, file: FileHandle) {
    this.path = path;
    this.#file = file;
  }

  /** @param path a new file's */
  static async create(path: string): Promise<ScriptFile> {
    return new ScriptFile(path, await open(path, "wx", 0o600));
  }

  async comment(text: string): Promise<void> {
    await this.#write(`-- ${text.replaceAll(/[\r\n]+/g, " ")}\n`);
  }

  /**
   * Adds parts in their order; the rows of a COPY among them come from `rows`, whole lines without the end mark.
   */
  async add(parts: readonly ScriptPart[], rows?: AsyncIterable<Uint8Array>): Promise<void> {
    /* oxlint-disable no-await-in-loop -- one after the other, into one file */
    for (const part of parts) {
      const sql = "sql" in part ? part.sql : part.copy;
      await this.#write(`${sql};\n`);
      if ("sql" in part) {
        this.steps.push({ sql, rows: null });
        continue;
      }
      const start = this.#at;
      for await (const bytes of rows ?? []) await this.#write(bytes);
      this.steps.push({ sql, rows: [start, this.#at] });
      await this.#write("\\.\n");
    }
    /* oxlint-enable no-await-in-loop */
  }

  async #write(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === "string" ? Buffer.from(content, "utf8") : content;
    await this.#file.writeFile(bytes);
    this.#at += bytes.length;
  }

  /** Closes it, on disk for good. */
  async close(): Promise<void> {
    await this.#file.sync();
    await this.#file.close();
  }

  /** Writes beside it where its statements and rows are, so that it can be run without psql. */
  saveSteps(): Promise<void> {
    return writeFileDurably(stepsPath(this.path), JSON.stringify(this.steps));
  }
}

/** @throws Error where the file is not there or is no list of steps */
export async function loadSteps(path: string): Promise<ScriptSteps> {
  return stepsSchema.parse(JSON.parse(await readFile(stepsPath(path), "utf8")));
}

/** Runs steps of a script file one after another in a session. @throws postgres.*, connection.*, job.cancelled */
export async function runSteps(session: Session, path: string, steps: ScriptSteps): Promise<void> {
  /* oxlint-disable no-await-in-loop -- statement after statement */
  for (const { sql, rows } of steps) {
    if (rows === null) await session.query(sql);
    else await session.copyIn(sql, readBytes(path, rows));
  }
  /* oxlint-enable no-await-in-loop */
}

async function* readBytes(path: string, [start, end]: readonly [number, number]): AsyncGenerator<Uint8Array> {
  if (end <= start) return;
  const bytes: AsyncIterable<Uint8Array> = createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 });
  yield* bytes;
}

function stepsPath(path: string): string {
  return `${path}.steps.json`;
}
