import { execFileSync, spawnSync } from "node:child_process";
import type { ByteSource } from "../../electron/archives/byte-source.ts";
import { requirement } from "./requirement.ts";

/** The stock age command, the oracle of what Lifeboat encrypts. `run` or why tests of it are skipped. */
export const ageCommand = requirement(
  "the age command",
  spawnSync("age", ["--version"]).status === 0,
  "apt install age",
);

/** `age …` over bytes; throws with its stderr when it fails. */
export function runAge(args: readonly string[], input: Uint8Array): Buffer {
  return execFileSync("age", args, { input, maxBuffer: 1 << 30, stdio: ["pipe", "pipe", "pipe"] });
}

/** Bytes in memory as a source that notes what is read of it. */
export function memorySource(bytes: Uint8Array): ByteSource & { readonly reads: { offset: number; length: number }[] } {
  const reads: { offset: number; length: number }[] = [];
  return {
    reads,
    sizeBytes: bytes.length,
    async read(offset, length) {
      reads.push({ offset, length });
      return bytes.slice(offset, offset + length);
    },
    async close() {},
  };
}
