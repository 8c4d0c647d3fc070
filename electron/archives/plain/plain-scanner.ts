import { parseCopyTable } from "../../../shared/archive/copy-statement.ts";
import { unquote } from "../../../shared/archive/identifiers.ts";
import { MAX_ROW_BYTES, MAX_TOC_BYTES, MAX_TOC_ENTRIES } from "../../../shared/archive/limits.ts";
import {
  chooseHeader,
  dataKinds,
  isHeaderLine,
  type PlainData,
  type PlainEntry,
  type PlainHeader,
  parseHeaders,
  splitOwner,
} from "../../../shared/archive/plain/plain-entry.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { SqlQuotes } from "./sql-quotes.ts";

/** One database's part of a script: pg_dump's is one, pg_dumpall's has one for each database and one for what they share. */
export interface PlainPart {
  /** Null where the script does not say it. */
  database: string | null;
  serverVersion: string | null;
  dumpVersion: string | null;
  /** By the clock of who dumped it, as an archive's header has it; pg_dump --verbose alone says it. */
  startedAt: Date | null;
  encoding: string | null;
  hasEscapes: boolean;
  readonly entries: PlainEntry[];
  /** The closing comment has been read. */
  isComplete: boolean;
}

const lineFeed = 10;
const hyphen = 45;
const backslash = 92;
const tab = 9;
const insertStart = "INSERT INTO ";
/** Two names of 63 bytes, each doubled and in quotes. */
const enoughOfHead = 300;
/** The line that ends a COPY. No row is like it, because COPY doubles backslashes. */
const endMark = Buffer.from("\\.\n");

/** The entry whose text is being read. */
interface OpenEntry {
  readonly headers: readonly PlainHeader[];
  readonly isData: boolean;
  /** Where the first and behind the last line of its statements are, where they are data. */
  start: number;
  end: number;
  readonly lines: string[];
  /** The line read last belongs to the statements with the data, not to a setting or a trigger switched off around them. */
  isInStatements: boolean;
  /** The beginning of the INSERT statements, which say the table's name as it is. */
  insertHead: string;
  copyStatement: string | null;
  data: PlainData | null;
  tablespace: string | null;
  tableAccessMethod: string | null;
}

/**
 * Reads a plain script of pg_dump or pg_dumpall in one pass forwards, whatever way it is cut into pieces: what each header
 * comment stands over, and where the data is. Only comments outside of strings, quoted names and function bodies count, and
 * COPY only under the header of a table's data; everything else in the script could be made to look like either.
 */
export class PlainScanner {
  readonly parts: PlainPart[] = [newPart(null)];
  isCluster = false;
  /** A command of psql that no pg_dump writes: what may follow it is not known. */
  strangeCommand: number | null = null;
  readonly #quotes = new SqlQuotes();
  /** Position in the script of the first byte that is not read yet, and the bytes of a line that is not whole. */
  #position = 0;
  #carry: Buffer = Buffer.alloc(0);
  #textBytes = 0;
  #entryCount = 0;
  #entry: OpenEntry | null = null;
  /** Where the rows of the COPY that is open begin; -1 where none is. */
  #rowsStart = -1;
  #atLineStart = true;
  /** A COPY statement with a line feed in a name. */
  #copyLines: string[] = [];
  #tablespace: string | null = null;
  #tableAccessMethod: string | null = null;
  #roleStatements: string[] = [];

  get part(): PlainPart {
    return this.parts.at(-1)!;
  }

  /** Bytes that are read for good; what follows is the rest of a line or of rows. */
  get position(): number {
    return this.#position;
  }

  /**
   * Reads what is whole of these bytes, which follow those read before.
   * @returns how many were read; the caller comes again with the rest and more behind it
   * @throws archive.limitExceeded
   */
  scan(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#rowsStart >= 0 ? this.#passRows(bytes, at) : this.#passLine(bytes, at);
      if (next === at) break;
      this.#position += next - at;
      at = next;
    }
    if (bytes.length - at > MAX_ROW_BYTES)
      throw new AppError("archive.limitExceeded", "The script has a line that is too long.", {
        detail: `At byte ${this.#position}: over ${MAX_ROW_BYTES} bytes.`,
      });
    return at;
  }

  /** The same for bytes that come in pieces: what is left of one is kept for the next. */
  push(piece: Buffer): void {
    const bytes = this.#carry.length === 0 ? piece : Buffer.concat([this.#carry, piece]);
    this.#carry = Buffer.from(bytes.subarray(this.scan(bytes)));
  }

  /** Says that no more comes. */
  end(): void {
    const sizeBytes = this.#position + this.#carry.length;
    if (this.#rowsStart < 0 && this.#carry.length > 0) this.push(Buffer.from("\n"));
    const entry = this.#entry;
    if (entry !== null && this.#rowsStart >= 0) entry.data = { kind: "copy", start: this.#rowsStart, end: sizeBytes };
    // Nobody knows whether a definition that the script ends in is whole; of statements with data it is said that they go on.
    else if (entry !== null && !this.part.isComplete) {
      if (entry.isData && entry.data === null) {
        if (entry.start < 0) entry.start = sizeBytes;
        entry.end = sizeBytes + 1;
      } else if (!entry.isData) this.#entry = null;
    }
    this.#closeEntry();
  }

  /** True where the script ended inside the rows of a table. */
  get isInRows(): boolean {
    return this.#rowsStart >= 0;
  }

  /** Behind the rows, or as far as there is no doubt that they go on. */
  #passRows(bytes: Buffer, from: number): number {
    for (let at = from; ; ) {
      const found = bytes.indexOf(endMark, at);
      if (found === -1) break;
      const isLineStart = found === from ? this.#atLineStart : bytes[found - 1] === lineFeed;
      if (!isLineStart) {
        at = found + 1;
        continue;
      }
      const end = found + endMark.length;
      const entry = this.#entry;
      if (entry !== null) entry.data = { kind: "copy", start: this.#rowsStart, end: this.#position + end - from };
      this.#rowsStart = -1;
      this.#atLineStart = true;
      return end;
    }
    // All is rows but for the last bytes, which may be the beginning of the end mark.
    const stop = Math.max(from, bytes.length - endMark.length + 1);
    if (stop > from) this.#atLineStart = bytes[stop - 1] === lineFeed;
    return stop;
  }

  /** Behind the line; `at` where it is not whole. */
  #passLine(bytes: Buffer, at: number): number {
    const end = bytes.indexOf(lineFeed, at);
    if (end === -1) return at;
    if (this.#quotes.isOpen) this.#keep(bytes, at, end);
    else if (this.#copyLines.length > 0) this.#readCopy(bytes.toString("latin1", at, end), end + 1 - at);
    else if (bytes[at] === hyphen && bytes[at + 1] === hyphen) this.#readComment(bytes.toString("latin1", at, end));
    else if (bytes[at] === backslash) this.#readCommand(bytes.toString("latin1", at, end));
    else if (this.#isCopy(bytes, at)) this.#readCopy(bytes.toString("latin1", at, end), end + 1 - at);
    else this.#keep(bytes, at, end);
    return end + 1;
  }

  #isCopy(bytes: Buffer, at: number): boolean {
    const entry = this.#entry;
    return entry?.isData === true && entry.data === null && bytes.toString("latin1", at, at + 5) === "COPY ";
  }

  /** A statement's line: to the entry whose it is, or to the settings between entries. */
  #keep(bytes: Buffer, at: number, end: number): void {
    const wasOpen = this.#quotes.isOpen;
    if (end > at) this.#quotes.push(bytes, at, end);
    const entry = this.#entry;
    // The data of a table or of large objects is read where it is, when it is asked for.
    if (entry?.isData === true) {
      if (!wasOpen) entry.isInStatements = this.#isDataStatement(bytes, at, entry);
      if (entry.isInStatements && (end > at || wasOpen)) {
        if (entry.start < 0) entry.start = this.#position;
        entry.end = this.#position + end + 1 - at;
        if (entry.insertHead.length < enoughOfHead)
          entry.insertHead += `${bytes.toString("latin1", at, Math.min(end, at + enoughOfHead))}\n`;
      }
      if (!wasOpen && end > at) this.#readSetting(bytes.toString("latin1", at, Math.min(end, at + 200)));
      return;
    }
    const line = bytes.toString("latin1", at, end);
    if (!wasOpen && this.#readSetting(line)) return;
    if (entry !== null) this.#take(entry.lines, line);
    else if (this.isCluster && line !== "") this.#take(this.#roleStatements, line);
  }

  /** All that stands under a header of large objects; INSERT statements, whose rows may have lines of their own, behind a tab. */
  #isDataStatement(bytes: Buffer, at: number, entry: OpenEntry): boolean {
    if (entry.headers[0]?.desc === "BLOBS") return true;
    if (bytes[at] === tab) return entry.isInStatements;
    return bytes.toString("latin1", at, at + insertStart.length) === insertStart;
  }

  #take(lines: string[], line: string): void {
    this.#textBytes += line.length + 1;
    if (this.#textBytes > MAX_TOC_BYTES)
      throw new AppError("archive.limitExceeded", `The script's definitions are over ${MAX_TOC_BYTES} bytes.`);
    lines.push(line);
  }

  /** What pg_dump sets between entries is a field of theirs in an archive. */
  #readSetting(line: string): boolean {
    const match = /^SET (\w+) = (.*);$/.exec(line);
    if (match === null) return /^SELECT pg_catalog\.set_config\('search_path', '', false\);$/.test(line);
    const [, name = "", value = ""] = match;
    switch (name) {
      case "client_encoding":
        this.part.encoding = value.replaceAll("'", "");
        return true;
      case "standard_conforming_strings":
        this.part.hasEscapes = value === "off";
        this.#quotes.hasEscapes = value === "off";
        return true;
      case "default_tablespace":
        this.#tablespace = value === "''" ? "" : unquote(value);
        return true;
      case "default_table_access_method":
        this.#tableAccessMethod = unquote(value);
        return true;
      default:
        return settings.has(name);
    }
  }

  #readComment(line: string): void {
    if (line === "--") return;
    if (isHeaderLine(line)) {
      const headers = parseHeaders(line);
      if (headers.length > 0) {
        this.#openEntry(headers);
        return;
      }
    }
    const said = sayings.find(([start]) => line.startsWith(start));
    if (said === undefined) {
      // Comments that are the definition: `-- *not* creating schema, since initdb creates it`.
      if (this.#entry !== null && !this.#entry.isData && !/^-- (?:TOC entry|Dependencies:) /.test(line))
        this.#take(this.#entry.lines, line);
      else if (this.#entry?.isData === true && line.startsWith("-- load via partition root"))
        this.#entry.lines.push(line);
      return;
    }
    const [start, meaning] = said;
    this.#closeEntry();
    const rest = line.slice(start.length);
    const { part } = this;
    switch (meaning) {
      case "server":
        part.serverVersion = rest;
        break;
      case "dump":
        part.dumpVersion = rest;
        break;
      case "started":
        part.startedAt = timeIn(rest);
        break;
      case "complete":
      case "clusterComplete":
        part.isComplete = true;
        if (meaning === "clusterComplete") for (const each of this.parts.slice(0, 1)) each.isComplete = true;
        break;
      case "cluster":
        this.isCluster = true;
        break;
      case "database":
        if (this.isCluster) {
          this.parts.push(newPart(rest.replace(/^"(.*)" dump$/, "$1")));
          this.#quotes.hasEscapes = false;
        }
        break;
      default:
    }
  }

  #readCommand(line: string): void {
    // psql ends its restricted mode for the moment of connecting; the key is that of the dump.
    if (/^\\(?:(?:un)?restrict [A-Za-z0-9]+|encoding \w+)$/.test(line)) return;
    const connect = /^\\connect (.*)$/.exec(line);
    if (connect === null) {
      this.strangeCommand ??= this.#position;
      return;
    }
    this.#closeEntry();
    const database = connectedTo(connect[1] ?? "");
    // pg_dumpall before version 11 says in no comment that another database begins.
    const { isComplete, database: before, entries } = this.part;
    const isOver = isComplete || (this.parts.length === 1 && entries.length > 0);
    if (this.isCluster && isOver && before !== database) this.parts.push(newPart(database));
    // What comes first is of the whole server, whatever database it is written from.
    if (!this.isCluster || this.parts.length > 1) this.part.database ??= database;
  }

  #readCopy(line: string, length: number): void {
    this.#copyLines.push(line);
    // A name may hold a line feed, so the statement may take several lines.
    if (!line.endsWith(" FROM stdin;")) return;
    const statement = this.#copyLines.join("\n");
    this.#copyLines = [];
    const entry = this.#entry;
    if (entry === null || parseCopyTable(statement) === null) return;
    entry.copyStatement = `${statement}\n`;
    this.#rowsStart = this.#position + length;
    this.#atLineStart = true;
  }

  #openEntry(headers: readonly PlainHeader[]): void {
    this.#closeEntry();
    if (++this.#entryCount > MAX_TOC_ENTRIES)
      throw new AppError("archive.limitExceeded", `The script has over ${MAX_TOC_ENTRIES} objects.`);
    this.#entry = {
      headers,
      isData: dataKinds.has(headers[0]?.desc ?? ""),
      start: -1,
      end: -1,
      lines: [],
      isInStatements: false,
      insertHead: "",
      copyStatement: null,
      data: null,
      tablespace: this.#tablespace,
      tableAccessMethod: this.#tableAccessMethod,
    };
  }

  #closeEntry(): void {
    const entry = this.#entry;
    this.#entry = null;
    if (entry === null) {
      this.#closeRoles();
      return;
    }
    const { headers, isData, lines, copyStatement, insertHead, tablespace, tableAccessMethod } = entry;
    const { definition, owner, ownedObject } = splitOwner(lines.join("\n"));
    const header = chooseHeader(headers, isData ? (copyStatement ?? insertHead) : definition);
    if (header === null) return;
    const hasRows = withRows.has(header.desc);
    const kind = header.desc === "BLOBS" ? "largeObjects" : "inserts";
    this.part.entries.push({
      ...header,
      owner: owner ?? header.owner,
      ownedObject,
      tablespace: hasRows || header.desc === "INDEX" ? tablespace : null,
      tableAccessMethod: hasRows ? tableAccessMethod : null,
      definition,
      copyStatement,
      data: entry.data ?? (isData ? { kind, start: Math.max(0, entry.start), end: Math.max(0, entry.end) } : null),
    });
  }

  /** What pg_dumpall writes of roles and tablespaces, which has no header comments: a statement a line. */
  #closeRoles(): void {
    const statements = this.#roleStatements;
    this.#roleStatements = [];
    const byName = new Map<string, string[]>();
    let key = "";
    for (const line of statements) {
      // --clean drops first what it makes.
      if (line.startsWith("DROP ")) continue;
      const match = ofWholeServer.exec(line);
      if (match !== null) key = `${match[1] ?? ""} ${unquote(match[2] ?? "")}`;
      else if (line.startsWith("GRANT ")) key = "ROLE MEMBERSHIPS ";
      if (key === "") continue;
      byName.set(key, [...(byName.get(key) ?? []), line]);
    }
    for (const [name, lines] of byName) {
      const [, desc = "ROLE", tag = ""] = /^(ROLE MEMBERSHIPS|ROLE|TABLESPACE|DATABASE) (.*)$/s.exec(name) ?? [];
      this.parts[0]?.entries.push({
        desc,
        tag,
        namespace: null,
        owner: null,
        ownedObject: null,
        tablespace: null,
        tableAccessMethod: null,
        definition: `${lines.join("\n")}\n`,
        copyStatement: null,
        data: null,
      });
    }
  }
}

/** Real lines of pg_dumpall 15 to 18: `ALTER ROLE shop WITH LOGIN;`, `GRANT ALL ON TABLESPACE fast TO shop;`. */
const ofWholeServer =
  /^(?:CREATE|ALTER|COMMENT ON|(?:GRANT|REVOKE) [A-Z, ]+ ON|SECURITY LABEL FOR \S+ ON) (ROLE|TABLESPACE|DATABASE) ("(?:[^"]|"")*"|[^\s";]+)/;

/** Kinds that lie in a tablespace by an access method. */
const withRows: ReadonlySet<string> = new Set(["TABLE", "MATERIALIZED VIEW"]);

/** Settings of the session alone (_doSetFixedOutputState in pg_backup_archiver.c). */
const settings: ReadonlySet<string> = new Set([
  "statement_timeout",
  "lock_timeout",
  "idle_in_transaction_session_timeout",
  "transaction_timeout",
  "check_function_bodies",
  "xmloption",
  "client_min_messages",
  "row_security",
  "escape_string_warning",
  "default_transaction_read_only",
  "default_with_oids",
]);

const sayings = [
  ["-- Dumped from database version ", "server"],
  ["-- Dumped by pg_dump version ", "dump"],
  ["-- PostgreSQL database dump complete", "complete"],
  ["-- PostgreSQL database cluster dump complete", "clusterComplete"],
  ["-- PostgreSQL database cluster dump", "cluster"],
  ["-- PostgreSQL database dump", "begin"],
  ["-- Database ", "database"],
  ["-- Started on ", "started"],
  ["-- Completed on ", "completed"],
  ["-- Roles", "section"],
  ["-- User Configurations", "section"],
  ["-- User Config ", "section"],
  ["-- Role memberships", "section"],
  ["-- Tablespaces", "section"],
  ["-- Databases", "section"],
] as const;

function newPart(database: string | null): PlainPart {
  return {
    database,
    serverVersion: null,
    dumpVersion: null,
    startedAt: null,
    encoding: null,
    hasEscapes: false,
    entries: [],
    isComplete: false,
  };
}

/** `2026-11-21 02:00:00 UTC` (dumpTimestamp in pg_backup_archiver.c); the name of the zone is one that nobody can resolve. */
function timeIn(text: string): Date | null {
  const [, day, time] = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d)/.exec(text) ?? [];
  const found = new Date(`${day}T${time}`);
  return Number.isNaN(found.getTime()) ? null : found;
}

/** `\connect shop`, `\connect "My Shop"` or `\connect -reuse-previous=on "dbname='it\'s'"` (appendPsqlMetaConnect). */
function connectedTo(argument: string): string {
  const plain = unquote(argument.replace(/^-reuse-previous=on /, ""));
  const conninfo = /^dbname='(.*)'$/s.exec(plain)?.[1];
  return conninfo === undefined ? plain : conninfo.replaceAll(/\\(.)/gs, "$1");
}
