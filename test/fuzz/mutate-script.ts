import type { Random } from "./random.ts";

/** Lines that mean something to who reads a script of pg_dump, where they are not expected. */
const lines = [
  "--",
  "-- Name: t; Type: TABLE; Schema: public; Owner: -",
  "-- Data for Name: t; Type: TABLE DATA; Schema: public; Owner: -",
  "-- Name: BLOBS; Type: BLOBS; Schema: -; Owner: -",
  "-- Name: ; Type: ; Schema: ; Owner: ",
  "-- PostgreSQL database dump complete",
  "-- PostgreSQL database cluster dump",
  '-- Database "x" dump',
  "COPY public.t (a, b) FROM stdin;",
  'COPY public."t',
  "\\.",
  "\\! touch /tmp/x",
  "\\connect postgres",
  "\\restrict abc",
  "\\unrestrict abc",
  "SELECT pg_catalog.lo_open('1', 131072);",
  "SELECT pg_catalog.lowrite(0, '\\x00zz');",
  "SELECT pg_catalog.lo_close(0);",
  "SET standard_conforming_strings = off;",
  "SET client_encoding = 'SJIS';",
  "SET default_tablespace = '';",
  "$$",
  "$a$ $b$ $a$",
  "'",
  '"',
  "E'\\'",
  "/* /* */",
  "INSERT INTO public.t VALUES (1, 'a;\n');",
  "\\N\t\\N",
  "a\t".repeat(3000),
  "\\101\\102".repeat(30_000),
  "\0\0\0",
  "\x1b]0;title\x07",
];

/** Lines of a script moved, doubled, gone, cut, or others between them. Of a manifest, too: it is text of lines. */
export function mutateScript(bytes: Uint8Array, random: Random): Uint8Array {
  const text = Buffer.from(bytes).toString("latin1").split("\n");
  const [one, other] = [random.below(text.length), random.below(text.length)];
  switch (random.below(6)) {
    case 0:
      text.splice(one, 1 + random.below(4));
      break;
    case 1:
      text.splice(other, 0, text[one] ?? "");
      break;
    case 2:
      [text[one], text[other]] = [text[other] ?? "", text[one] ?? ""];
      break;
    case 3: {
      const line = text[one] ?? "";
      text[one] = line.slice(0, random.below(line.length + 1));
      break;
    }
    case 4:
      text.splice(one, 0, ...text.slice(other, other + random.below(40)));
      break;
    default:
      text.splice(one, 0, random.pick(lines));
  }
  return Buffer.from(text.join("\n"), "latin1");
}
