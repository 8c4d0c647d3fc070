import { execFileSync } from "node:child_process";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { displayCommand } from "../../../shared/command/display.ts";
import {
  buildDumpArgs,
  buildGlobalsArgs,
  type DumpOptions,
  supportedCompressions,
} from "../../../shared/command/dump-command.ts";
import { compareVersions, parseServerVersionNum, parseToolVersion } from "../../../shared/command/postgres-version.ts";
import { buildReadArgs, buildRestoreArgs, type RestoreOptions } from "../../../shared/command/restore-command.ts";

const v15 = { major: 15, minor: 18, text: "15.18" };
const v17 = { major: 17, minor: 12, text: "17.12" };

const dump: DumpOptions = {
  format: "custom",
  compression: { method: "gzip", level: null },
  jobs: 1,
  schemas: [],
  tables: [],
  excludeTables: [],
  excludeTableData: [],
  schemaOnly: false,
  dataOnly: false,
  lockWaitTimeoutSeconds: 60,
  outputPath: null,
};

const restore: RestoreOptions = {
  useListPath: "/run/list",
  archivePath: "-odd.dump",
  jobs: 1,
  singleTransaction: false,
  transactionSize: null,
  noOwner: false,
  noPrivileges: false,
  exitOnError: true,
  role: null,
  disableTriggers: false,
};

describe("versions", () => {
  test.each([
    ["pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)", { major: 15, minor: 18, text: "15.18" }],
    ["pg_restore (PostgreSQL) 17.11 (Debian 17.11-0+deb13u1)\n", { major: 17, minor: 11, text: "17.11" }],
    ["psql (PostgreSQL) 19rc1 (Debian 19~rc1-1)", { major: 19, minor: 0, text: "19rc1" }],
    ["psql (PostgreSQL) 19devel", { major: 19, minor: 0, text: "19devel" }],
    ["pg_dump (PostgreSQL) 9.6.24", { major: 9, minor: 6, text: "9.6.24" }],
    ["pg_dump (PostgreSQL) 16.4 (Homebrew)", { major: 16, minor: 4, text: "16.4" }],
  ])("%s", (line, version) => {
    expect(parseToolVersion(line)).toEqual(version);
  });

  test.each(["", "pg_dump", "pg_dump (EnterpriseDB) 15.1", "pg_dump (PostgreSQL) 15.1x", "Error: no cluster"])(
    "%j is no version",
    (line) => {
      expect(parseToolVersion(line)).toBeNull();
    },
  );

  test("server_version_num", () => {
    expect(parseServerVersionNum(150018)).toEqual(v15);
    expect(parseServerVersionNum(90624)).toEqual({ major: 9, minor: 6, text: "9.6.24" });
    expect(compareVersions(v15, v17)).toBeLessThan(0);
    expect(compareVersions(v15, { ...v15, minor: 9 })).toBeGreaterThan(0);
  });
});

describe("pg_dump", () => {
  test.each([
    [v15, "none", null, "--compress=0"],
    [v15, "gzip", null, "--compress=6"],
    [v15, "gzip", 1, "--compress=1"],
    [v17, "none", null, "--compress=none"],
    [v17, "none", 3, "--compress=none"],
    [v17, "gzip", null, "--compress=gzip"],
    [v17, "gzip", 6, "--compress=gzip:6"],
    [v17, "zstd", 3, "--compress=zstd:3"],
    [v17, "lz4", null, "--compress=lz4"],
  ] as const)("%o %s %s", (client, method, level, expected) => {
    expect(buildDumpArgs({ ...dump, compression: { method, level } }, client)).toContain(expected);
    expect(supportedCompressions(client)).toContain(method);
  });

  test("zstd needs 16", () => {
    const options: DumpOptions = { ...dump, compression: { method: "zstd", level: 3 } };
    expect(() => buildDumpArgs(options, v15)).toThrow(expect.objectContaining({ code: "tool.tooOld" }));
    expect(supportedCompressions(v15)).toEqual(["none", "gzip"]);
  });

  test.each([
    ["gzip", 0],
    ["gzip", 10],
    ["zstd", 23],
    ["zstd", -1],
    ["lz4", 1.5],
  ] as const)("%s has no level %d", (method, level) => {
    expect(() => buildDumpArgs({ ...dump, compression: { method, level } }, v17)).toThrow(
      expect.objectContaining({ code: "backup.optionConflict" }),
    );
  });

  test("everything at once, every value tied to its option", () => {
    const args = buildDumpArgs(
      {
        ...dump,
        format: "directory",
        outputPath: "/backups/x",
        jobs: 4,
        schemas: ["--help"],
        tables: ['"a b"."c*"'],
        excludeTables: ["x*"],
        excludeTableData: ["log_*"],
        schemaOnly: true,
      },
      v17,
    );
    expect(args).toEqual([
      "--format=directory",
      "--compress=gzip",
      "--jobs=4",
      "--file=/backups/x",
      "--no-sync",
      "--no-password",
      "--verbose",
      "--lock-wait-timeout=60000",
      "--schema-only",
      "--schema=--help",
      '--table="a b"."c*"',
      "--exclude-table=x*",
      "--exclude-table-data=log_*",
    ]);
    expect(buildDumpArgs({ ...dump, lockWaitTimeoutSeconds: 0 }, v17).join(" ")).not.toContain("lock-wait");
  });

  test.each<Partial<DumpOptions>>([
    { schemaOnly: true, dataOnly: true },
    { jobs: 2 },
    { format: "tar" },
    { format: "directory" },
  ])("%o is refused", (change) => {
    expect(() => buildDumpArgs({ ...dump, ...change }, v17)).toThrow(
      expect.objectContaining({ code: "backup.optionConflict" }),
    );
  });

  test("globals", () => {
    expect(buildGlobalsArgs({ rolePasswords: true })).toEqual(["--globals-only", "--no-password"]);
    expect(buildGlobalsArgs({ rolePasswords: false, database: "it's" })).toEqual([
      "--globals-only",
      "--no-password",
      "--database=dbname='it\\'s'",
      "--no-role-passwords",
    ]);
  });
});

describe("pg_restore", () => {
  test("the archive stands after --", () => {
    expect(buildRestoreArgs(restore, v15)).toEqual([
      "--use-list=/run/list",
      "--no-password",
      "--verbose",
      "--exit-on-error",
      "--",
      "-odd.dump",
    ]);
    expect(buildReadArgs("-odd.dump")).toEqual(["--file=/dev/null", "--", "-odd.dump"]);
  });

  test("every option", () => {
    const args = buildRestoreArgs(
      {
        ...restore,
        jobs: 3,
        transactionSize: 1000,
        noOwner: true,
        noPrivileges: true,
        role: "r",
        exitOnError: false,
        disableTriggers: true,
      },
      v17,
    );
    expect(args.slice(3, -2)).toEqual([
      "--jobs=3",
      "--transaction-size=1000",
      "--no-owner",
      "--no-privileges",
      "--role=r",
      "--data-only",
      "--disable-triggers",
    ]);
    expect(buildRestoreArgs({ ...restore, singleTransaction: true }, v15)).toContain("--single-transaction");
  });

  test.each<[Partial<RestoreOptions>, string]>([
    [{ singleTransaction: true, jobs: 2 }, "restore.optionConflict"],
    [{ singleTransaction: true, transactionSize: 10 }, "restore.optionConflict"],
    [{ transactionSize: 10 }, "tool.tooOld"],
  ])("%o is refused", (change, code) => {
    expect(() => buildRestoreArgs({ ...restore, ...change }, v15)).toThrow(expect.objectContaining({ code }));
  });
});

describe("display", () => {
  test.each([
    [["--table=public.orders", "a b"], "pg_dump --table=public.orders 'a b'"],
    [["it's", ""], "pg_dump 'it'\\''s' ''"],
    [["a\nb\u001b[2J'\\"], "pg_dump $'a\\nb\\u001b[2J\\'\\\\'"],
    [["x\u202ey"], "pg_dump $'x\\u202ey'"],
  ])("%j", (args, text) => {
    expect(displayCommand("pg_dump", args)).toBe(text);
  });

  test.skipIf(process.platform === "win32")("a shell reads back what went in", () => {
    const words = fc.sample(
      fc.string({ unit: "binary", maxLength: 12 }).filter((word) => !word.includes("\0") && word.isWellFormed()),
      { numRuns: 300, seed: 7 },
    );
    const script = displayCommand("printf", ["%s\\0", ...words]);
    const printed = execFileSync("bash", ["--norc", "-c", script], { env: { LC_ALL: "C.UTF-8" } }).toString("utf8");
    expect(printed.split("\0").slice(0, -1)).toEqual(words);
  });
});
