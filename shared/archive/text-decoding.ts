/**
 * Bytes of an archive to text. pg_dump writes names, definitions and rows in the dump's client encoding, named by the
 * archive's ENCODING entry.
 */

/** The two decoders that every host has in a fast native form; shared/ may not reach for Node's Buffer itself. */
export interface TextDecoding {
  /** Each byte as the character of the same number. */
  latin1(bytes: Uint8Array, start: number, end: number): string;
  /** Invalid sequences become U+FFFD, never an exception. */
  utf8(bytes: Uint8Array, start: number, end: number): string;
}

/** Text of `bytes[start, end)` in one encoding. */
export type DecodeText = (bytes: Uint8Array, start: number, end: number) => string;

/** PostgreSQL's encoding names and the label TextDecoder knows them by. UTF8, SQL_ASCII and LATIN1 are handled apart. */
const labels: Readonly<Record<string, string>> = {
  LATIN2: "iso-8859-2",
  LATIN3: "iso-8859-3",
  LATIN4: "iso-8859-4",
  LATIN5: "windows-1254",
  LATIN6: "iso-8859-10",
  LATIN7: "iso-8859-13",
  LATIN8: "iso-8859-14",
  LATIN9: "iso-8859-15",
  LATIN10: "iso-8859-16",
  ISO_8859_5: "iso-8859-5",
  ISO_8859_6: "iso-8859-6",
  ISO_8859_7: "iso-8859-7",
  ISO_8859_8: "iso-8859-8",
  WIN866: "ibm866",
  WIN874: "windows-874",
  WIN1250: "windows-1250",
  WIN1251: "windows-1251",
  WIN1252: "windows-1252",
  WIN1253: "windows-1253",
  WIN1254: "windows-1254",
  WIN1255: "windows-1255",
  WIN1256: "windows-1256",
  WIN1257: "windows-1257",
  WIN1258: "windows-1258",
  KOI8R: "koi8-r",
  KOI8U: "koi8-u",
  EUC_JP: "euc-jp",
  SJIS: "shift_jis",
  EUC_KR: "euc-kr",
  UHC: "euc-kr",
  EUC_CN: "gbk",
  GBK: "gbk",
  GB18030: "gb18030",
  BIG5: "big5",
};

/** True where bytes of unknown encoding can turn up: the fields of a row may each have their own. */
function isUnknownEncoding(encoding: string | null): boolean {
  return encoding === null || encoding === "SQL_ASCII";
}

/**
 * The decoder for a PostgreSQL encoding name, as in `SET client_encoding = 'UTF8';`. It never throws: bytes in an
 * encoding without a decoder come out as Latin-1, bytes of unknown encoding as UTF-8 where they are valid, else as
 * Latin-1.
 */
export function chooseDecoder(encoding: string | null, decode: TextDecoding): DecodeText {
  if (encoding === "UTF8" || encoding === "UNICODE") return (bytes, start, end) => decode.utf8(bytes, start, end);
  if (isUnknownEncoding(encoding)) return decodeUnknown(decode);
  const decoder = createDecoder(encoding === null ? undefined : labels[encoding]);
  if (decoder === null) return (bytes, start, end) => decode.latin1(bytes, start, end);
  return (bytes, start, end) => decoder.decode(bytes.subarray(start, end));
}

/** Null where the runtime does not know the encoding. */
function createDecoder(label: string | undefined): { decode(bytes: Uint8Array): string } | null {
  if (label === undefined) return null;
  try {
    return new TextDecoder(label, { ignoreBOM: true });
  } catch {
    return null;
  }
}

function decodeUnknown(decode: TextDecoding): DecodeText {
  const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return (bytes, start, end) => {
    try {
      return strict.decode(bytes.subarray(start, end));
    } catch {
      return decode.latin1(bytes, start, end);
    }
  };
}

/** How the rows of a table become text. */
export interface RowDecoding {
  readonly lines: DecodeText;
  /**
   * In a database without an encoding each value may have its own, so lines stay bytes at first, a character each, and this
   * decodes a value; null where lines are text already.
   */
  readonly value: ((value: string) => string) | null;
}

/** @param encoding as chooseDecoder takes it */
export function rowDecoding(encoding: string | null, decode: TextDecoding): RowDecoding {
  const decodeBytes = chooseDecoder(encoding, decode);
  if (!isUnknownEncoding(encoding)) return { lines: decodeBytes, value: null };
  return {
    lines: (bytes, start, end) => decode.latin1(bytes, start, end),
    value(value) {
      let isAscii = true;
      for (let index = 0; index < value.length && isAscii; index++) isAscii = value.charCodeAt(index) < 128;
      if (isAscii) return value;
      const bytes = new Uint8Array(value.length);
      for (let index = 0; index < bytes.length; index++) bytes[index] = value.charCodeAt(index);
      return decodeBytes(bytes, 0, bytes.length);
    },
  };
}
