import { int } from "../helpers/synthetic-archive.ts";
import type { Random } from "./random.ts";

/** A field of a head as it stands in the bytes. */
interface Field {
  readonly kind: "int" | "text" | "offset" | "count";
  readonly at: number;
  readonly end: number;
}

interface Head {
  readonly fields: readonly Field[];
  /** Where each entry begins; the last one is the end of the table of contents. */
  readonly entries: readonly number[];
  readonly countAt: number;
}

const extremes = [0, -1, 1, 2, 3, 4, 255, 65_535, 0x7fffffff, -0x7fffffff, 10_000_000, 10_000_001];

/** What names and definitions are not expected to be. */
const nastyTexts: readonly (() => string | null)[] = [
  () => null,
  () => "",
  () => "../../etc/passwd",
  () => "/etc/passwd",
  () => "..\\..\\boot.ini",
  () => "12.dat\0.png",
  () => "toc.dat",
  () => "blobs.toc",
  () => "\u001b[2J\u202e<img src=x onerror=alert(1)>",
  () => "\xff\xfe\x80".repeat(30),
  () => "x".repeat(200_000),
  () => "\n-- \n\\! id\n".repeat(40),
  () => "((((".repeat(5000),
  () => `"${'""'.repeat(3000)}`,
  () => "COPY public.t (a, b) FROM stdin;\n",
  () => `COPY public.t (${"a, ".repeat(2000)}a) FROM stdin;\n`,
  () => "COPY public.t () FROM stdin;\n",
  () => 'COPY "a""b"."c (" ("d,e", f FROM stdin;\n',
  () => "SET client_encoding = 'SQL_ASCII';\n",
  () => "SET client_encoding = 'EUC_JIS_2004';\n",
  () => "SET client_encoding = '../x';\n",
  () => "TABLE DATA",
  () => "BLOBS",
  () => "BLOB METADATA",
  () => "TABLE",
  () => "SEQUENCE SET",
  () => "TABLE ATTACH",
  () => "INDEX",
  () => "FK CONSTRAINT",
  () => "ENCODING",
  () => "DATABASE",
  () => "4294967295",
  () => "99999999999999999999",
  () => "1",
  () => "COLUMN public.t.a",
  () => "TABLE public.t",
];

/**
 * Changes fields of a head, custom or toc.dat, and keeps all the others what they are: offsets move with what grows before
 * them. Null where the bytes are no head that it can walk, which is so for what was damaged before.
 */
export function mutateToc(bytes: Uint8Array, random: Random): Uint8Array | null {
  const head = walkHead(Buffer.from(bytes));
  if (head === null || head.entries.length < 2) return null;
  return random.chance(0.3) ? mutateEntries(bytes, head, random) : mutateFields(bytes, head, random);
}

function mutateFields(bytes: Uint8Array, head: Head, random: Random): Uint8Array {
  const chosen = new Map<Field, Uint8Array>();
  for (let count = 1 + random.below(4); count > 0; count--) {
    const field = random.pick(head.fields);
    chosen.set(field, replacement(bytes, head, field, random));
  }
  const parts: Uint8Array[] = [];
  let at = 0;
  const growth = [...chosen].reduce((sum, [field, by]) => sum + by.length - (field.end - field.at), 0);
  for (const field of head.fields) {
    const by =
      chosen.get(field) ?? (field.kind === "offset" && growth !== 0 ? movedOffset(bytes, field, growth) : null);
    if (by === null) continue;
    parts.push(bytes.subarray(at, field.at), by);
    at = field.end;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

function replacement(bytes: Uint8Array, head: Head, field: Field, random: Random): Uint8Array {
  switch (field.kind) {
    case "int":
    case "count":
      return int(random.chance(0.7) ? random.pick(extremes) : random.below(2000));
    case "offset": {
      const changed = Buffer.from(bytes.subarray(field.at, field.end));
      changed[0] = random.pick([1, 2, 2, 2, 3, 0, 4]);
      const others = head.fields.filter(({ kind }) => kind === "offset");
      const value = random.chance(0.4)
        ? Buffer.from(bytes).readBigUInt64LE(random.pick(others).at + 1)
        : BigInt(
            random.pick([0, 11, bytes.length, bytes.length - 1, 2 ** 31, 2 ** 52, random.below(bytes.length + 1)]),
          );
      if (changed.length === 9) changed.writeBigUInt64LE(random.chance(0.05) ? 2n ** 64n - 1n : value, 1);
      return changed;
    }
    default: {
      // Half of them another entry's text: kinds, names and dump IDs that lead elsewhere, cycles among them.
      const texts = head.fields.filter(({ kind }) => kind === "text");
      const other = random.pick(texts);
      if (random.chance(0.5)) return bytes.slice(other.at, other.end);
      return text(random.pick(nastyTexts)());
    }
  }
}

/** Entries twice, in another order, or missing; the number of them right or not. */
function mutateEntries(bytes: Uint8Array, { entries, fields, countAt }: Head, random: Random): Uint8Array {
  const spans = entries.slice(0, -1).map((at, index) => bytes.subarray(at, entries[index + 1]));
  const changed = [...spans];
  const [one, other] = [random.below(spans.length), random.below(spans.length)];
  switch (random.below(4)) {
    case 0:
      changed.splice(one, 1);
      break;
    case 1:
      changed.splice(
        other,
        0,
        ...Array.from({ length: random.chance(0.2) ? 200 : 1 }, () => spans[one] ?? Buffer.alloc(0)),
      );
      break;
    case 2:
      [changed[one], changed[other]] = [changed[other]!, changed[one]!];
      break;
    default:
      changed.reverse();
  }
  const growth = changed.reduce((sum, each) => sum + each.length, 0) - (entries.at(-1)! - entries[0]!);
  const isCounted = random.chance(0.8);
  const moved = Buffer.concat([
    bytes.subarray(0, countAt),
    isCounted ? int(changed.length) : bytes.subarray(countAt, countAt + 5),
    ...changed,
    bytes.subarray(entries.at(-1)),
  ]);
  if (growth === 0) return moved;
  const again = walkHead(moved);
  for (const field of again?.fields ?? fields)
    if (field.kind === "offset" && again !== null) moved.set(movedOffset(moved, field, growth), field.at);
  return moved;
}

function movedOffset(bytes: Uint8Array, field: Field, growth: number): Uint8Array {
  const changed = Buffer.from(bytes.subarray(field.at, field.end));
  if (changed[0] !== 2 || changed.length !== 9) return changed;
  const moved = changed.readBigUInt64LE(1) + BigInt(growth);
  changed.writeBigUInt64LE(BigInt.asUintN(64, moved), 1);
  return changed;
}

function text(value: string | null): Uint8Array {
  if (value === null) return int(-1);
  const bytes = Buffer.from(value, /[\x80-\xff]/.test(value) ? "latin1" : "utf8");
  return Buffer.concat([int(bytes.length), bytes]);
}

/** A second reading of the format, by pg_backup_archiver.c alone, that keeps places and no meaning. */
function walkHead(bytes: Buffer): Head | null {
  if (bytes.length < 60 || bytes.toString("latin1", 0, 5) !== "PGDMP") return null;
  const [version, offsetBytes, isCustom] = [bytes[6]!, 1 + bytes[9]!, bytes[10] === 1];
  const fields: Field[] = [];
  const entries: number[] = [];
  let at = 11;
  const number = (kind: "int" | "count" = "int"): number => {
    fields.push({ kind, at, end: at + 5 });
    at += 5;
    return bytes[at - 5] === 0 ? bytes.readUInt32LE(at - 4) : -bytes.readUInt32LE(at - 4);
  };
  const string = (): number => {
    const [sign, length] = [bytes[at]!, bytes.readUInt32LE(at + 1)];
    const end = at + 5 + (sign === 0 ? length : 0);
    if (end > bytes.length) throw new RangeError("beyond the end");
    fields.push({ kind: "text", at, end });
    at = end;
    return sign;
  };
  try {
    if (version >= 15) at += 1;
    else number();
    for (let index = 0; index < 7; index++) number();
    for (let index = 0; index < 3; index++) string();
    const countAt = at;
    const count = number("count");
    for (let index = 0; index < count; index++) {
      entries.push(at);
      number();
      number();
      for (let texts = 0; texts < 4; texts++) string();
      number();
      for (let texts = version >= 14 ? 6 : 5; texts > 0; texts--) string();
      if (version >= 16) number();
      string();
      string();
      while (string() === 0);
      if (isCustom) {
        fields.push({ kind: "offset", at, end: at + offsetBytes });
        at += offsetBytes;
      } else string();
    }
    if (at > bytes.length) return null;
    return { fields, entries: [...entries, at], countAt };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

/** Where data blocks of a custom archive have numbers: block types, dump IDs and the lengths of chunks. */
export function blockNumbers(bytes: Uint8Array): number[] {
  const buffer = Buffer.from(bytes);
  const head = walkHead(buffer);
  if (head === null || buffer[10] !== 1) return [];
  const places: number[] = [];
  for (let at = head.entries.at(-1) ?? 0; at + 11 <= buffer.length && places.length < 5000; ) {
    places.push(at, at + 1);
    const isLargeObjects = buffer[at] === 3;
    at += 6;
    if (!isLargeObjects) at = passChunks(buffer, at, places);
    else
      for (let oid = 1; oid !== 0 && at + 5 <= buffer.length; ) {
        places.push(at);
        oid = buffer.readUInt32LE(at + 1);
        at += 5;
        if (oid !== 0) at = passChunks(buffer, at, places);
      }
  }
  return places.filter((at) => at + 5 <= buffer.length);
}

/** Behind the end mark of a run of chunks. */
function passChunks(buffer: Buffer, start: number, places: number[]): number {
  let at = start;
  while (at + 5 <= buffer.length) {
    places.push(at);
    const length = buffer.readUInt32LE(at + 1);
    at += 5 + length;
    if (length === 0) break;
  }
  return at;
}
