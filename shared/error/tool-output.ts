/**
 * Groups what a PostgreSQL program writes to stderr into events: a line with a severity and all that belongs to it.
 * The text is not to be trusted: names of objects may hold line feeds and lines that look like the program's own, so
 * an event explains a failure and never makes one. Real output (pg_restore 15.18):
 *
 *     pg_restore: while PROCESSING TOC:
 *     pg_restore: from TOC entry 215; 1259 16390 TABLE orders postgres
 *     pg_restore: error: could not execute query: ERROR:  relation "orders" already exists
 *     Command was: CREATE TABLE public.orders (
 *         id integer
 *     );
 */

export type Severity = "error" | "warning" | "notice";

export interface RawEvent {
  readonly severity: Severity;
  /** The whole event without its command, bounded. */
  readonly text: string;
  /** The same without what quotes the user's data (DETAIL, QUERY, the row of a COPY): what rules are asked first. */
  readonly message: string;
  readonly tocEntry: { readonly dumpId: number; readonly desc: string } | null;
  readonly command: string | null;
}

/** More than any explanation needs; what a flood of errors says beyond them is repetition. */
const maxEvents = 10_000;
const maxTextLength = 8_000;
const maxLineLength = 4_000;
const maxCommandLength = 8_000;

const severities: Record<string, Severity> = {
  error: "error",
  fatal: "error",
  critical: "error",
  panic: "error",
  warning: "warning",
  notice: "notice",
  info: "notice",
  log: "notice",
};

/** `pg_dump: error: …`, `psql:file.sql:5: ERROR:  …`, `ERROR:  …`, and `pg_dump: [archiver] …` of versions before 12. */
const severityLine =
  /^(?:[\w.+-]+:(?:[^\n]{0,1000}?:\d+:)? )?(error|fatal|critical|warning|ERROR|FATAL|PANIC|WARNING|NOTICE|INFO|LOG): ?/;
const oldArchiverLine = /^[\w.+-]+: \[[^\]\n]{1,60}\] /;
/** What follows an error: pg_dump's own in lower case behind its name, the server's in capitals. */
const followerLine = /^(?:[\w.+-]+: )?(detail|hint|DETAIL|HINT|CONTEXT|QUERY|STATEMENT|LOCATION|LINE \d+): ?/;
const commandLine = /^(?:[\w.+-]+: (?:detail: )?)?Command was: ?/;
const tocEntryLine = /^[\w.+-]+: from TOC entry (\d{1,10}); \d{1,10} \d{1,10} (.*)$/s;
/** A line of --verbose, or of the program about itself. */
const programLine = /^(?:pg_[a-z]+|psql|[\w.+-]*pg_(?:dump|dumpall|restore|basebackup)[\w.+-]*|postgres): /;

/** Events in order; lines of --verbose belong to none. */
export function groupEvents(stderr: string): RawEvent[] {
  const events: RawEvent[] = [];
  let open: EventBuilder | null = null;
  let tocEntry: RawEvent["tocEntry"] = null;
  const close = (): void => {
    if (open !== null) events.push(open.build());
    open = null;
  };
  for (const line of linesOf(stderr)) {
    if (events.length >= maxEvents) return events;
    const entry = tocEntryLine.exec(line);
    if (entry) {
      close();
      tocEntry = { dumpId: Number(entry[1]), desc: descOf(entry[2] ?? "") };
      continue;
    }
    const severity = severityOf(line);
    if (severity !== null) {
      close();
      open = new EventBuilder(severity, line, tocEntry);
    } else if (commandLine.test(line)) open?.beginCommand(line.replace(commandLine, ""));
    else if (followerLine.test(line)) open?.add(line, quotesData(line));
    else if (programLine.test(line)) {
      close();
      // Not marked as an error by the program, yet the reason why it ended.
      if (/^[\w.+-]+: terminated by user$/.test(line)) open = new EventBuilder("error", line, null);
      if (/^\S+: error while loading shared libraries: /.test(line)) open = new EventBuilder("error", line, null);
    } else if (open === null) {
      if (line.trim() !== "") open = new EventBuilder("notice", line, null);
    } else open.addContinuation(line);
  }
  close();
  return events;
}

function* linesOf(text: string): Generator<string> {
  let start = 0;
  while (start <= text.length) {
    const found = text.indexOf("\n", start);
    const end = found === -1 ? text.length : found;
    yield text.slice(start, Math.min(end, start + maxLineLength));
    start = end + 1;
  }
}

function severityOf(line: string): Severity | null {
  const word = severityLine.exec(line)?.[1];
  if (word !== undefined) return severities[word.toLowerCase()] ?? null;
  return oldArchiverLine.test(line) ? "error" : null;
}

/** `CONTEXT:  COPY orders, line 3, column name: "…"` and DETAIL quote rows; a rule must not match what a row says. */
function quotesData(line: string): boolean {
  return /^(?:DETAIL|QUERY|STATEMENT|LINE \d+):|^CONTEXT: {1,2}COPY /.test(line);
}

class EventBuilder {
  readonly #severity: Severity;
  readonly #tocEntry: RawEvent["tocEntry"];
  #text: string;
  #message: string;
  #command: string | null = null;
  #inData = false;

  constructor(severity: Severity, line: string, tocEntry: RawEvent["tocEntry"]) {
    this.#severity = severity;
    this.#tocEntry = tocEntry;
    this.#text = line;
    this.#message = line;
  }

  add(line: string, inData: boolean): void {
    this.#command = this.#command === null ? null : this.#command.trimEnd();
    this.#inData = inData;
    this.#append(line);
  }

  addContinuation(line: string): void {
    if (this.#command === null) this.#append(line);
    else if (this.#command.length < maxCommandLength) this.#command += `\n${line}`;
  }

  beginCommand(line: string): void {
    this.#command = line;
  }

  #append(line: string): void {
    if (this.#text.length < maxTextLength) this.#text += `\n${line}`;
    if (!this.#inData && this.#message.length < maxTextLength) this.#message += `\n${line}`;
  }

  build(): RawEvent {
    return {
      severity: this.#severity,
      text: this.#text.trimEnd().slice(0, maxTextLength),
      message: this.#message.trimEnd().slice(0, maxTextLength),
      tocEntry: this.#tocEntry,
      command: this.#command?.trim().slice(0, maxCommandLength) ?? null,
    };
  }
}

/**
 * The line writes `DESC TAG OWNER` with blanks between and inside them, so the desc is looked up among the longer ones
 * of pg_dump.c and else is the first word.
 */
function descOf(text: string): string {
  return longDescs.find((desc) => text.startsWith(`${desc} `)) ?? text.split(" ", 1)[0] ?? "";
}

const longDescs = [
  "ACCESS METHOD",
  "BLOB COMMENTS",
  "BLOB METADATA",
  "CHECK CONSTRAINT",
  "DATABASE PROPERTIES",
  "DEFAULT ACL",
  "EVENT TRIGGER",
  "FK CONSTRAINT",
  "FOREIGN DATA WRAPPER",
  "FOREIGN SERVER",
  "FOREIGN TABLE",
  "INDEX ATTACH",
  "LARGE OBJECT",
  "MATERIALIZED VIEW DATA",
  "MATERIALIZED VIEW",
  "OPERATOR CLASS",
  "OPERATOR FAMILY",
  "PROCEDURAL LANGUAGE",
  "PUBLICATION TABLES IN SCHEMA",
  "PUBLICATION TABLE",
  "ROW SECURITY",
  "SECURITY LABEL",
  "SEQUENCE OWNED BY",
  "SEQUENCE SET",
  "SHELL TYPE",
  "STATISTICS DATA",
  "SUBSCRIPTION TABLE",
  "TABLE ATTACH",
  "TABLE DATA",
  "TEXT SEARCH CONFIGURATION",
  "TEXT SEARCH DICTIONARY",
  "TEXT SEARCH PARSER",
  "TEXT SEARCH TEMPLATE",
  "USER MAPPING",
];
