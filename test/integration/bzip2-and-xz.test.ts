import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Codec, decompress } from "../../electron/archives/decompress.ts";
import { AppError } from "../../shared/error/app-error.ts";
import { requirement } from "../helpers/requirement.ts";

/** What the programs bzip2 and xz write is read as they read it; what they did not write is told. */

type Program = "bzip2" | "xz";

function hasProgram(program: Program): boolean {
  try {
    execFileSync(program, ["--version"], { stdio: "ignore", input: "" });
    return true;
  } catch {
    return false;
  }
}

const need = requirement("bzip2 and xz", hasProgram("bzip2") && hasProgram("xz"), "apt-get install bzip2 xz-utils");

function pack(program: Program, bytes: Uint8Array, ...options: string[]): Buffer {
  return execFileSync(program, ["--compress", "--stdout", ...options], { input: bytes, maxBuffer: 1 << 28 });
}

function inParts(bytes: Uint8Array, partBytes: number) {
  let at = 0;
  async function* parts(): AsyncGenerator<Uint8Array> {
    for (; at < bytes.length; at += partBytes) yield bytes.subarray(at, at + partBytes);
  }
  return { parts: parts(), isOver: () => at >= bytes.length };
}

async function unpack(packed: Uint8Array, codec: Codec, partBytes = 1 << 20): Promise<Buffer> {
  const all: Uint8Array[] = [];
  for await (const bytes of decompress(inParts(packed, partBytes), codec, "here")) all.push(bytes);
  return Buffer.concat(all);
}

async function outcome(packed: Uint8Array, codec: Codec): Promise<string> {
  try {
    return createHash("sha256")
      .update(await unpack(packed, codec))
      .digest("hex");
  } catch (error) {
    if (error instanceof AppError) return error.code;
    throw error;
  }
}

/** Rows as a dump has them: about the same over and over, numbers that count. */
function rows(count: number): Buffer {
  return Buffer.from(
    Array.from({ length: count }, (_, at) => `${at}\t${(at * 7919) % 10_007} of them\t2026-01-01 00:00:00\t\\N\n`).join(
      "",
    ),
  );
}

const text = rows(60_000);
const mixed = Buffer.concat([rows(2000), randomBytes(700_000), Buffer.alloc(400_000), rows(9000)]);

const writings: readonly (readonly [Program, readonly string[]])[] = [
  ["bzip2", ["-1"]],
  ["bzip2", ["-9"]],
  ["xz", ["-0"]],
  ["xz", ["-1", "--check=none"]],
  ["xz", ["-1", "--check=crc32"]],
  ["xz", ["-1", "--check=sha256"]],
  ["xz", ["-1", "--threads=2", "--block-size=300000"]],
  ["xz", ["--lzma2=preset=0,lc=1,lp=3,pb=4,dict=64KiB"]],
  ["xz", ["--lzma2=preset=3,lc=0,lp=0,pb=0,nice=273"]],
  ["xz", ["--lzma2=preset=0,dict=1GiB"]],
];

describe.skipIf(need !== "run")(`bzip2 and xz ${need}`, () => {
  it.each(writings)("%s %o is read as it was written", async (program, options) => {
    for (const bytes of [text, mixed, Buffer.from("one\n")]) {
      const packed = pack(program, bytes, ...options);
      expect((await unpack(packed, program)).equals(bytes)).toBe(true);
      expect((await unpack(packed, program, 50_021)).equals(bytes)).toBe(true);
    }
  });

  it.each(["bzip2", "xz"] as const)("%s: whatever it is, in whatever pieces", async (program) => {
    const part = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .tuple(fc.uint8Array({ minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 3000 }))
        .map(([bytes, times]) => Uint8Array.from(Array.from({ length: times }, () => [...bytes]).flat())),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(part, { maxLength: 6 }),
        fc.integer({ min: 1, max: 900 }),
        async (parts, pieceBytes) => {
          const bytes = Buffer.concat(parts);
          expect((await unpack(pack(program, bytes), program, pieceBytes)).equals(bytes)).toBe(true);
        },
      ),
      { numRuns: 40 },
    );
  });

  it.each(["bzip2", "xz"] as const)("%s: several files put behind each other", async (program) => {
    const empty = pack(program, Buffer.alloc(0));
    const several = [pack(program, text, "-1"), empty, pack(program, mixed, "-3"), empty];
    const padded = program === "xz" ? several.flatMap((each, at) => [each, Buffer.alloc(at * 4)]) : several;
    expect((await unpack(Buffer.concat(padded), program)).equals(Buffer.concat([text, mixed]))).toBe(true);
    expect((await unpack(empty, program)).length).toBe(0);
  });

  it.each(["bzip2", "xz"] as const)("%s: cut anywhere, it is not whole", async (program) => {
    const packed = pack(program, mixed, "-1");
    for (const share of [0.0001, 0.01, 0.3, 0.5, 0.9, 0.999])
      expect(await outcome(packed.subarray(0, Math.ceil(packed.length * share)), program)).toBe("archive.truncated");
    for (let less = 1; less < 30; less++)
      expect(await outcome(packed.subarray(0, packed.length - less), program)).toBe("archive.truncated");
  });

  it.each(["bzip2", "xz"] as const)("%s: a changed bit is told wherever it is", async (program) => {
    const bytes = Buffer.concat([rows(800), randomBytes(2000)]);
    const packed = pack(program, bytes);
    const whole = await outcome(packed, program);
    const told = new Map<string, number>();
    for (let at = 0; at < packed.length; at += at < 100 || at > packed.length - 100 ? 1 : 13) {
      const changed = Buffer.from(packed);
      changed[at]! ^= 1 << (at % 8);
      const code = await outcome(changed, program);
      told.set(code, (told.get(code) ?? 0) + 1);
      // The size of bzip2's blocks may be larger than they are, and its last bits fill up a byte: the same comes out.
      if (code === whole && program === "bzip2" && (at === 3 || at === packed.length - 1)) continue;
      expect(code).toMatch(/^archive\.(damaged|truncated|unsupportedFormat)$/);
    }
    expect(told.get("archive.damaged")).toBeGreaterThan(100);
  });

  it.each(["bzip2", "xz"] as const)("%s: bytes behind the end are told", async (program) => {
    const packed = pack(program, text, "-1");
    expect(await outcome(Buffer.concat([packed, Buffer.from("more")]), program)).toBe("archive.damaged");
    expect(await outcome(Buffer.concat([packed, Buffer.alloc(3)]), program)).toMatch(/^archive\.(damaged|truncated)$/);
  });

  it.each(["bzip2", "xz"] as const)("%s: a bomb is stopped, in constant memory", async (program) => {
    const packed = pack(program, Buffer.alloc(200 << 20), "-1");
    const idle = process.memoryUsage.rss();
    let given = 0;
    const read = async () => {
      for await (const bytes of decompress(inParts(packed, 1 << 20), program, "here", { mostBytes: 50 << 20 }))
        given += bytes.length;
    };
    await expect(read()).rejects.toMatchObject({ code: "archive.limitExceeded" });
    expect(given).toBeLessThanOrEqual(50 << 20);
    expect(given).toBeGreaterThan(40 << 20);
    expect(process.memoryUsage.rss() - idle).toBeLessThan(200 << 20);
  });

  it("what is in xz for programs, not for dumps, is said", async () => {
    await expect(unpack(pack("xz", text, "--x86", "--lzma2=preset=0"), "xz")).rejects.toMatchObject({
      code: "archive.unsupportedFormat",
      hint: expect.stringContaining("the program that made it"),
    });
  });
});
