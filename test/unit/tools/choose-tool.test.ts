import { describe, expect, test } from "vitest";
import { chooseDumpTool, chooseRestoreTool } from "../../../electron/tools/choose-tool.ts";
import { installCommand, installHint, parseOsRelease, type SystemFacts } from "../../../electron/tools/install-hint.ts";
import { describeGate, minorGates, openGates } from "../../../shared/command/minor-gates.ts";
import { type PostgresVersion, parseToolVersion } from "../../../shared/command/postgres-version.ts";
import type { ToolInstallation, ToolName } from "../../../shared/command/tool-installation.ts";

function version(text: string): PostgresVersion {
  return parseToolVersion(`pg_dump (PostgreSQL) ${text}`) ?? { major: 0, minor: 0, text };
}

function installed(...texts: string[]): ToolInstallation[] {
  const names: ToolName[] = ["pg_dump", "pg_dumpall", "pg_restore", "psql"];
  return texts.map((text) => ({
    version: version(text),
    folder: `/${text}`,
    source: "test",
    tools: Object.fromEntries(names.map((name) => [name, `/${text}/${name}`])),
  }));
}

function linux(osRelease: Record<string, string>, isRoot = false): SystemFacts {
  return { platform: "linux", osRelease, arch: "x86_64", isRoot };
}

describe("for dumping", () => {
  test.each([
    ["15.18 17.12 18.6", 150_010, "15.18", "the server's own major version"],
    ["15.17 15.18", 150_010, "15.18", "the server's own major version"],
    ["15.18 17.12 18.6", 160_001, "17.12", "the nearest one here that can read PostgreSQL 16"],
    ["15.18 18.6 19rc1", 90_624, "15.18", "the nearest one here that can read PostgreSQL 9"],
    ["18.6 19rc1", 190_000, "19rc1", "the server's own major version"],
  ])("of %s, for server %i: %s", (texts, server, chosen, reason) => {
    const tool = chooseDumpTool(installed(...texts.split(" ")), "pg_dump", server);
    expect([tool.version.text, tool.path, tool.reason]).toEqual([
      chosen,
      `/${chosen}/pg_dump`,
      `pg_dump ${chosen}, ${reason}`,
    ]);
  });

  test("a client whose archives the server cannot take as they are is warned of", () => {
    expect(chooseDumpTool(installed("17.12"), "pg_dump", 160_001).warnings).toEqual([
      expect.stringContaining("transaction_timeout"),
    ]);
    expect(chooseDumpTool(installed("16.3"), "pg_dump", 150_001).warnings).toEqual([]);
  });

  test("none, or none new enough, is an error with the way out", () => {
    expect(() => chooseDumpTool([], "pg_dump", 150_001)).toThrow(expect.objectContaining({ code: "tool.missing" }));
    expect(() => chooseDumpTool(installed("15.18"), "pg_dump", 170_002)).toThrow(
      expect.objectContaining({
        code: "tool.tooOld",
        message: "The newest pg_dump here is 15.18, and the server is PostgreSQL 17: 17 or newer is needed.",
        hint: expect.stringMatching(/^Install/),
      }),
    );
  });

  test("a psql that an SQL file can make run programs is not used", () => {
    expect(() => chooseDumpTool(installed("15.18"), "psql", 150_018)).toThrow(
      expect.objectContaining({ code: "tool.unsafe", message: expect.stringContaining("15.19 mends it") }),
    );
    expect(chooseDumpTool(installed("15.19"), "psql", 150_018).path).toBe("/15.19/psql");
  });
});

describe("for archives", () => {
  test.each([
    ["15.18 17.12", "1.14", 130_011, "15.18"],
    ["13.20 15.18 17.12", "1.14", 130_011, "13.20"],
    ["15.18 17.12", "1.14", 180_001, "17.12"],
    ["12.9 18.6", "1.14", 160_001, "12.9"],
    ["15.18 17.12 18.6", "1.16", 160_001, "17.12"],
    ["15.18 16.15", "1.15", 150_001, "16.15"],
    ["15.18 17.12 18.6", "1.12", null, "18.6"],
  ])("of %s, archive %s into %s: %s", (texts, archive, target, chosen) => {
    expect(chooseRestoreTool(installed(...texts.split(" ")), archive, target).version.text).toBe(chosen);
  });

  test("what an old server will say is told beforehand", () => {
    const { warnings } = chooseRestoreTool(installed("17.12"), "1.16", 160_001, { ownBackup: true });
    expect(warnings).toEqual([expect.stringContaining("PostgreSQL 16 does not know")]);
  });

  test("holes of pg_restore matter for archives from elsewhere", () => {
    const tools = installed("17.11");
    expect(chooseRestoreTool(tools, "1.16", null).warnings).toEqual([expect.stringContaining("CVE-2026-116314")]);
    expect(chooseRestoreTool(tools, "1.16", null, { ownBackup: true }).warnings).toEqual([]);
    expect(chooseRestoreTool(installed("17.12"), "1.16", null).warnings).toEqual([]);
  });

  test.each([
    ["1.16", "tool.tooOld"],
    ["1.17", "archive.unsupportedVersion"],
  ])("archive %s with 15 alone: %s", (archive, code) => {
    expect(() => chooseRestoreTool(installed("15.18"), archive, null)).toThrow(expect.objectContaining({ code }));
  });
});

describe("minor releases", () => {
  test.each<[ToolName, string, number]>([
    ["psql", "15.18", 1],
    ["psql", "15.19", 0],
    ["psql", "18.5", 1],
    ["psql", "19rc1", 0],
    ["psql", "13.23", 1],
    ["pg_restore", "17.11", 1],
    ["pg_restore", "17.12", 0],
    ["pg_verifybackup", "15.1", 0],
  ])("%s %s: %i open", (tool, text, count) => {
    expect(openGates(tool, version(text))).toHaveLength(count);
  });

  test("a major without fixes is told so", () => {
    const [gate] = openGates("psql", version("13.23"));
    expect(gate && describeGate(gate, "psql", version("13.23"))).toContain("No release of this major mends it.");
    expect(minorGates.filter(({ level }) => level === "block").map(({ tools }) => tools)).toEqual([["psql"]]);
  });
});

describe("how to install", () => {
  const pgdg = "sudo /usr/share/postgresql-common/pgdg/apt.postgresql.org.sh -y";
  const rpm = "https://download.postgresql.org/pub/repos/yum/reporpms";

  test.each<[SystemFacts, number | null, string | null]>([
    [linux({ ID: "debian", VERSION_ID: "12" }, true), 15, "apt-get install -y postgresql-client"],
    [linux({ ID: "debian", VERSION_ID: "12" }), null, "sudo apt-get install -y postgresql-client"],
    [
      linux({ ID: "debian", VERSION_ID: "12" }),
      17,
      `sudo apt-get install -y postgresql-common && ${pgdg} && sudo apt-get install -y postgresql-client-17`,
    ],
    [linux({ ID: "ubuntu", ID_LIKE: "debian", VERSION_ID: "24.04" }), 16, "sudo apt-get install -y postgresql-client"],
    [
      linux({ ID: "fedora", VERSION_ID: "43" }),
      17,
      `sudo dnf install -y ${rpm}/F-43-x86_64/pgdg-fedora-repo-latest.noarch.rpm && sudo dnf install -y postgresql17`,
    ],
    [
      linux({ ID: "rocky", ID_LIKE: "rhel centos fedora", VERSION_ID: "9.5" }),
      16,
      `sudo dnf install -y ${rpm}/EL-9-x86_64/pgdg-redhat-repo-latest.noarch.rpm && sudo dnf install -y postgresql16`,
    ],
    [linux({ ID: "alpine" }, true), 17, "apk add postgresql17-client"],
    [linux({ ID: "arch" }), 17, "sudo pacman -S postgresql-libs"],
    [linux({ ID: "opensuse-leap", ID_LIKE: "suse opensuse" }), 16, "sudo zypper install postgresql16"],
    [{ platform: "darwin", osRelease: {}, arch: "aarch64", isRoot: false }, 16, "brew install postgresql@16"],
    [{ platform: "darwin", osRelease: {}, arch: "aarch64", isRoot: false }, null, "brew install libpq"],
    [
      { platform: "win32", osRelease: {}, arch: "x86_64", isRoot: false },
      17,
      "winget install --id PostgreSQL.PostgreSQL.17",
    ],
    [linux({ ID: "something" }), 17, null],
  ])("%o, %s", (system, major, command) => {
    expect(installCommand(major, system)).toBe(command);
  });

  test("an unknown system gets the address, an ancient need any client", () => {
    expect(installHint(17, linux({}))).toBe(
      "Install the PostgreSQL client programs 17 or newer: https://www.postgresql.org/download/",
    );
    expect(installHint(9, linux({ ID: "alpine" }, true))).toBe("Install it with: apk add postgresql-client");
  });

  test("os-release", () => {
    expect(
      parseOsRelease('PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nVERSION_ID="12"\nID=debian\n# x\nA=\'b c\'\n'),
    ).toEqual({
      PRETTY_NAME: "Debian GNU/Linux 12 (bookworm)",
      VERSION_ID: "12",
      ID: "debian",
      A: "b c",
    });
  });
});
