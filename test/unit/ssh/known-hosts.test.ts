import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  fingerprintOf,
  judgeHostKey,
  keyTypeOf,
  knownHostName,
  knownKeyTypes,
  parseKnownHosts,
} from "../../../electron/ssh/known-hosts.ts";
import { requirement } from "../../helpers/requirement.ts";
import { hasSshd, sshdRemedy } from "../../helpers/sshd.ts";

/** A key as it goes over the wire: its type, then bytes that tell keys apart. */
function key(type: string, mark: number): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type), Buffer.alloc(36, mark)]);
}

const ed = key("ssh-ed25519", 1);
const otherEd = key("ssh-ed25519", 2);
const rsa = key("ssh-rsa", 3);
const line = (names: string, of: Buffer) => `${names} ${keyTypeOf(of)} ${of.toString("base64")}`;
const judge = (text: string, name: string, shown: Buffer) => judgeHostKey(parseKnownHosts(text, "f"), name, shown);

describe("a host key", () => {
  it.each([
    ["no line", "", { kind: "unknown", authority: null }],
    ["its line", line("db.example.org", ed), { kind: "trusted", place: "f, line 1" }],
    ["its line among others", `# one\n\n${line("x,db.example.org", ed)} me@x`, { kind: "trusted", place: "f, line 3" }],
    ["another key", line("db.example.org", otherEd), { kind: "changed", place: "f, line 1" }],
    ["a key of another type alone", line("db.example.org", rsa), { kind: "changed", place: "f, line 1" }],
    [
      "both types",
      `${line("db.example.org", rsa)}\n${line("db.example.org", ed)}`,
      { kind: "trusted", place: "f, line 2" },
    ],
    ["a pattern", line("*.example.org", ed), { kind: "trusted", place: "f, line 1" }],
    ["a pattern that excludes it", line("*.example.org,!db.*", ed), { kind: "unknown", authority: null }],
    ["another port", line("[db.example.org]:2222", ed), { kind: "unknown", authority: null }],
    [
      "its key revoked",
      `${line("db.example.org", ed)}\n@revoked ${line("*", ed)}`,
      { kind: "revoked", place: "f, line 2" },
    ],
    [
      "another key revoked",
      `${line("db.example.org", ed)}\n@revoked ${line("*", otherEd)}`,
      { kind: "trusted", place: "f, line 1" },
    ],
    ["an authority", `@cert-authority ${line("*.example.org", otherEd)}`, { kind: "unknown", authority: "f, line 1" }],
    ["an unknown marker", `@maybe ${line("db.example.org", ed)}`, { kind: "unknown", authority: null }],
  ])("with %s", (_what, text, verdict) => {
    expect(judge(text, knownHostName("DB.example.org", 22), ed)).toEqual(verdict);
  });

  it("on another port stands under [host]:port", () => {
    expect(judge(line("[db.example.org]:2222", ed), knownHostName("db.example.org", 2222), ed).kind).toBe("trusted");
    expect(judge(line("db.example.org", ed), knownHostName("db.example.org", 2222), ed).kind).toBe("unknown");
  });

  it("is asked for by the types that are known", () => {
    const known = parseKnownHosts(`${line("a", rsa)}\n@revoked ${line("a", ed)}\n${line("b", ed)}`, "f");
    expect(knownKeyTypes(known, "a")).toEqual(["ssh-rsa"]);
    expect(knownKeyTypes(known, "c")).toEqual([]);
  });
});

function keygen(...args: string[]): string {
  return execFileSync("ssh-keygen", args, { encoding: "utf8", stdio: "pipe" });
}

const openssh = requirement("OpenSSH", hasSshd(), sshdRemedy);

describe.skipIf(openssh !== "run")(`as OpenSSH writes it (${openssh})`, () => {
  it("a fingerprint is the one ssh prints, and a hashed line means its host", () => {
    const folder = mkdtempSync(join(tmpdir(), "lifeboat-known-"));
    try {
      keygen("-q", "-t", "ed25519", "-N", "", "-f", join(folder, "k"));
      const [type, base64 = ""] = readFileSync(join(folder, "k.pub"), "utf8").split(" ");
      const file = join(folder, "known_hosts");
      writeFileSync(file, `[db.example.org]:2222 ${type} ${base64}\n`);
      keygen("-H", "-f", file);
      const text = readFileSync(file, "utf8");
      expect(text).toMatch(/^\|1\|/);
      const blob = Buffer.from(base64, "base64");
      expect(keygen("-l", "-f", join(folder, "k.pub"))).toContain(` ${fingerprintOf(blob)} `);
      expect(judge(text, "[db.example.org]:2222", blob).kind).toBe("trusted");
      expect(judge(text, "[db.example.org]:2222", otherEd).kind).toBe("changed");
      expect(judge(text, "db.example.org", blob).kind).toBe("unknown");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
