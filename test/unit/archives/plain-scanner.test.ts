import { describe, expect, it } from "vitest";
import { PlainScanner } from "../../../electron/archives/plain/plain-scanner.ts";

/** Comments that look like pg_dump's, where they mean nothing. */
const fake = "--\n-- Name: fake; Type: TABLE; Schema: public; Owner: x\n--\n\nCREATE TABLE public.fake ();\n\\! id\n";

const script = (body: string, end = "--\n-- PostgreSQL database dump complete\n--\n\n") =>
  `--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\n-- Dumped from database version 18.6\n-- Dumped by pg_dump version 18.6\n\nSET client_encoding = 'UTF8';\nSET standard_conforming_strings = on;\n\n${body}\n${end}\\unrestrict abc\n\n`;

const header = (name: string, type: string, data = "") =>
  `--\n-- ${data}Name: ${name}; Type: ${type}; Schema: public; Owner: joe\n--\n\n`;

function scan(text: string, pieceBytes: number): PlainScanner {
  const scanner = new PlainScanner();
  const bytes = Buffer.from(text, "latin1");
  for (let at = 0; at < bytes.length; at += pieceBytes) scanner.push(bytes.subarray(at, at + pieceBytes));
  scanner.end();
  return scanner;
}

const rows = "1\t\\\\.\n2\t\\N\n--\n-- Name: no; Type: TABLE; Schema: public; Owner: joe\n\\\\.\n";
const whole = script(
  [
    `${header("t", "TABLE")}CREATE TABLE public.t (\n    id integer,\n    x text DEFAULT 'it''s;\n${fake}'::text\n);\n\n\nALTER TABLE public.t OWNER TO joe;\n\n`,
    `${header("f()", "FUNCTION")}CREATE FUNCTION public.f() RETURNS void\n    LANGUAGE sql\n    AS $_$\n${fake}COPY public.t (id, x) FROM stdin;\n$_$;\n\n\n`,
    `${header("v", "VIEW")}CREATE VIEW public.v AS\n SELECT E'a\\'\n${fake}' AS e, "q\n${fake}";\n\n\n`,
    `${header("t", "TABLE DATA", "Data for ")}COPY public.t (id, x) FROM stdin;\n${rows}\\.\n\n\n`,
    `${header("u", "TABLE DATA", "Data for ")}INSERT INTO public.u VALUES (1, '\n${fake}');\nINSERT INTO public.u VALUES (2, '');\n\n\n`,
    `${header("t t_pkey", "CONSTRAINT")}ALTER TABLE ONLY public.t\n    ADD CONSTRAINT t_pkey PRIMARY KEY (id);\n\n\n`,
  ].join(""),
);

describe("a plain script", () => {
  it.each([1, 7, 64, 100_000])(
    "is read the same in pieces of %i bytes, and no text in it passes for pg_dump's",
    (size) => {
      const { parts, strangeCommand } = scan(whole, size);
      expect(strangeCommand).toBeNull();
      const [part] = parts;
      expect(part).toMatchObject({ encoding: "UTF8", dumpVersion: "18.6", isComplete: true });
      expect(part?.entries.map(({ desc, tag }) => `${desc} ${tag}`)).toEqual([
        "TABLE t",
        "FUNCTION f()",
        "VIEW v",
        "TABLE DATA t",
        "TABLE DATA u",
        "CONSTRAINT t t_pkey",
      ]);
      const [table, , , copied, inserted] = part?.entries ?? [];
      expect(table).toMatchObject({ owner: "joe", namespace: "public" });
      expect(table?.definition).toMatch(/^CREATE TABLE.*\n\);\n$/s);
      const textOf = (data: { start: number; end: number } | null | undefined) => whole.slice(data?.start, data?.end);
      expect(textOf(copied?.data)).toBe(`${rows}\\.\n`);
      expect(textOf(inserted?.data)).toBe(
        `INSERT INTO public.u VALUES (1, '\n${fake}');\nINSERT INTO public.u VALUES (2, '');\n`,
      );
    },
  );

  it("tells a command of psql from the two that pg_dump writes", () => {
    const { strangeCommand } = scan(
      script(`\\! touch /tmp/owned\n${header("t", "TABLE")}CREATE TABLE public.t ();\n`),
      99,
    );
    expect(strangeCommand).toBeGreaterThan(0);
  });

  it("takes neither a definition nor statements that are cut for whole", () => {
    const inside = (text: string) => scan(whole.slice(0, whole.indexOf(text)), 1000).parts[0]?.entries.at(-1);
    expect(inside("    ADD CONSTRAINT")?.desc).toBe("TABLE DATA");
    const cutAt = whole.indexOf("INSERT INTO public.u VALUES (2");
    expect(inside("INSERT INTO public.u VALUES (2")?.data?.end).toBe(cutAt + 1);
  });

  it("says where it ends too early, wherever it is cut", () => {
    for (let size = 100; size < whole.length - 60; size += 37) {
      const scanner = scan(whole.slice(0, size), 1000);
      expect(scanner.parts[0]?.isComplete).toBe(false);
    }
  });
});
