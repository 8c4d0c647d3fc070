import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { openArchive } from "../../../electron/archives/open-archive.ts";
import { makeManifest } from "../../helpers/manifests.ts";

const script = (started: string) =>
  `--
-- PostgreSQL database dump
--

-- Dumped from database version 15.18
-- Dumped by pg_dump version 15.18
${started}
SET client_encoding = 'UTF8';

--
-- PostgreSQL database dump complete
--

`;

describe("a plain script was made", () => {
  const written = new Date(2026, 10, 20, 8, 15, 30);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "lb-plain-time-"));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  async function timeOf(name: string, bytes: string | Uint8Array): Promise<string> {
    const path = join(folder, name);
    writeFileSync(path, bytes);
    utimesSync(path, written, written);
    const archive = await openArchive(path);
    await archive.close();
    return archive.header.createdAt;
  }

  it("when its file was written, packed or not", async () => {
    expect(await timeOf("a.sql", script(""))).toBe("2026-11-20T08:15:30");
    expect(await timeOf("a.sql.gz", gzipSync(script("")))).toBe("2026-11-20T08:15:30");
  });

  it("when its backup was begun, where a manifest tells", async () => {
    const { startedAt, files } = makeManifest();
    const named = files.map((file) => ({ ...file, path: "shop_20261121T020000Z.sql.gz" }));
    const manifest = makeManifest({ format: "plain", files: named });
    writeFileSync(join(folder, "shop_20261121T020000Z.manifest.json"), JSON.stringify(manifest));
    const time = await timeOf("shop_20261121T020000Z.sql.gz", gzipSync(script("")));
    expect(new Date(time).getTime()).toBe(Date.parse(startedAt));
  });

  it("when it says itself that it was begun", async () => {
    const started = "-- Started on 2026-11-19 23:59:58 UTC\n";
    expect(await timeOf("a.sql.gz", gzipSync(script(started)))).toBe("2026-11-19T23:59:58");
  });
});
