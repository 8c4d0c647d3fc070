import type { Manifest } from "../../shared/contract/manifest.ts";

/** The manifest of a small custom archive that nobody made; tests name what matters to them. */
export function makeManifest(changes: Partial<Manifest> = {}): Manifest {
  return {
    manifestVersion: 1,
    id: "20261121020000-00c0ffee",
    database: "shop",
    startedAt: "2026-11-21T02:00:00.000Z",
    endedAt: "2026-11-21T02:00:09.000Z",
    format: "custom",
    compression: { method: "gzip", level: 6 },
    server: {
      version: "15.18",
      versionNum: 150_018,
      systemIdentifier: null,
      databaseOid: null,
      encoding: "UTF8",
      collate: null,
      host: "localhost",
      port: 5432,
    },
    tool: { name: "pg_dump", version: "15.18" },
    lifeboatVersion: "0.1.0",
    command: ["pg_dump"],
    options: {},
    files: [
      {
        path: "shop_20261121T020000Z.dump",
        role: "archive",
        sizeBytes: 4,
        sha256: "a".repeat(64),
        chunkBytes: 4_194_304,
        chunks: ["a".repeat(64)],
      },
    ],
    tocBytes: null,
    tocEntries: null,
    data: [],
    warnings: [],
    ...changes,
  };
}
