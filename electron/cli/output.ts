import { createProgressReporter, type ProgressMode, type ProgressReporter } from "./progress-reporter.ts";
import { paint, type Style } from "./style.ts";
import { type Cell, type Column, isTableMeasurable, layOutTable } from "./table.ts";
import { loadTextWidth } from "./text-width.ts";

/** Where a command's words go. Text for people and the JSON document exclude each other, so a command may offer both. */
export interface Output {
  readonly json: boolean;
  /** True once the document is out, or the first of many. */
  readonly documented: boolean;
  /** The one JSON document of a --json run, once; nothing without --json. */
  document(value: unknown): void;
  /** One of many documents, a line each, of a --json run that has no end of its own (--follow); nothing without --json. */
  event(value: unknown): void;
  /** A line (or lines) on stdout, each a write of its own: join many before. Nothing under --json. Text from outside goes through visibleText() first. */
  line(text?: string): void;
  /** An aligned table on stdout; nothing under --json. Cells are made visible here; long ones are cut on a terminal. */
  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void;
  /** Bytes on stdout as they are, for results that are files; resolves when more can be taken. Nothing under --json. */
  bytes(chunk: Uint8Array): Promise<void>;
  /** Something worth knowing that is not the result: a line on stderr. */
  note(text: string): void;
  /** Text in a style, where stdout takes colour. */
  style(style: Style, text: string): string;
  /** Text in a style, where stderr takes colour: for notes. */
  styleNote(style: Style, text: string): string;
  /** A reporter of a job's progress on stderr. Call `end()` before printing the result. */
  progress(mode: ProgressMode): ProgressReporter;
  /** Resolves when all that was given has been written. */
  flush(): Promise<void>;
}

/** A stream to write on, as much of process.stdout as is needed here. */
export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string | Uint8Array, done?: () => void): unknown;
}

/** Makes an Output over two streams. */
export function createOutput(
  screens: { readonly stdout: Screen; readonly stderr: Screen },
  options: { readonly json: boolean; readonly env: NodeJS.ProcessEnv },
): Output {
  const { stdout, stderr } = screens;
  const colour = takesColour(stdout, options.env);
  const errorColour = takesColour(stderr, options.env);
  let documented = false;
  let reporter: ProgressReporter | null = null;

  // Set while a table waits for the measure of its text; what follows on stdout waits behind it.
  let waiting: Promise<void> | null = null;

  function print(make: () => string): void {
    if (waiting === null) write(stdout, make());
    else waiting = waiting.then(() => write(stdout, make()));
  }

  // A bar on the same terminal is taken away while text is written, and drawn again below it.
  function write(screen: Screen, text: string): void {
    if (reporter === null || !screen.isTTY) screen.write(text);
    else reporter.interrupt(() => screen.write(text));
  }

  return {
    json: options.json,
    get documented() {
      return documented;
    },
    document(value) {
      if (!options.json) return;
      if (documented) throw new Error("a --json run prints one document");
      documented = true;
      stdout.write(`${JSON.stringify(value, null, stdout.isTTY ? 2 : undefined)}\n`);
    },
    event(value) {
      if (!options.json) return;
      documented = true;
      stdout.write(`${JSON.stringify(value)}\n`);
    },
    line(text = "") {
      if (!options.json) print(() => `${text}\n`);
    },
    table(columns, rows) {
      if (options.json) return;
      const width = stdout.isTTY ? (stdout.columns ?? null) : null;
      if (waiting === null && !isTableMeasurable(rows)) waiting = loadTextWidth();
      print(() => layOutTable(columns, rows, { width, colour }));
    },
    async bytes(chunk) {
      if (!options.json && chunk.length > 0) await new Promise<void>((resolve) => stdout.write(chunk, () => resolve()));
    },
    note: (text) => write(stderr, `${text}\n`),
    style: (style, text) => (colour ? paint(style, text) : text),
    styleNote: (style, text) => (errorColour ? paint(style, text) : text),
    progress(mode) {
      reporter = createProgressReporter(stderr, mode, { colour: errorColour, dumb: options.env["TERM"] === "dumb" });
      return reporter;
    },
    async flush() {
      await waiting;
    },
  };
}

/** NO_COLOR (any value but empty) says no, FORCE_COLOR (any value but empty and 0) says yes, else a terminal decides. */
export function takesColour(screen: Screen, env: NodeJS.ProcessEnv): boolean {
  if (env["NO_COLOR"]) return false;
  const forced = env["FORCE_COLOR"];
  if (forced) return forced !== "0" && forced !== "false";
  return screen.isTTY === true && env["TERM"] !== "dumb";
}
