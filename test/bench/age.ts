import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import {
  closeSync,
  createReadStream,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openFileSource } from "../../electron/archives/byte-source.ts";
import { streamSource } from "../../electron/archives/open-source.ts";
import { createIdentity, recipientOf, unwrapFileKey } from "../../electron/encryption/age-package.ts";
import { openDecryptingSource } from "../../electron/encryption/decrypting-source.ts";
import { openEncryptingSink } from "../../electron/encryption/encrypting-sink.ts";
import { type BenchLine, median, ms, printBench, timeRuns } from "./measure.ts";

/**
 * Encryption and decryption of a file, against the age command over the same file in the same run. Both read it from the
 * page cache and give the result away, so that what is compared is not the disk. Node's cipher gives every chunk new
 * memory, whose collection is most of the difference.
 *
 *     node test/bench/age.ts [MEGABYTES]
 */

const megabytes = Number(process.argv[2] ?? 512);
const folder = mkdtempSync(join(tmpdir(), "lifeboat-bench-"));
try {
  const identity = await createIdentity();
  const recipient = await recipientOf(identity);
  const keyFile = join(folder, "key.txt");
  writeFileSync(keyFile, `${identity.reveal()}\n`, { mode: 0o600 });
  const plain = join(folder, "plain");
  const encrypted = join(folder, "plain.age");
  writeRandom(plain, megabytes);
  age("-r", recipient, "-o", encrypted, plain);

  const unlock = (header: Uint8Array): Promise<Uint8Array> =>
    unwrapFileKey(header, { identities: [identity], passphrase: async () => null });
  const lines = [
    await compare(
      "encrypt",
      () => encrypt(plain, recipient),
      () => age("-r", recipient, "-o", "/dev/null", plain),
    ),
    await compare(
      "decrypt",
      () => decrypt(encrypted, unlock),
      () => age("-d", "-i", keyFile, "-o", "/dev/null", encrypted),
    ),
  ];
  printBench(`age, ${megabytes} MB`, lines);
  process.stdout.write(`memory at most ${(process.resourceUsage().maxRSS / 1024).toFixed(0)} MB\n`);
} finally {
  rmSync(folder, { recursive: true });
}

async function compare(what: string, ours: () => Promise<void>, theirs: () => void): Promise<BenchLine> {
  const mine = median(await timeRuns(5, 1, ours));
  const stock = median(await timeRuns(5, 1, theirs));
  const ratio = mine / stock;
  return {
    what,
    ours: rate(mine),
    theirs: `age ${rate(stock)}`,
    ratio: ratio.toFixed(2),
    target: "<= 2.5",
    isMet: ratio <= 2.5,
  };
}

function rate(time: number): string {
  return `${ms(time)}, ${(megabytes / (time / 1000)).toFixed(0)} MB/s`;
}

async function encrypt(path: string, recipient: string): Promise<void> {
  let stored = 0;
  const nowhere = {
    async write(bytes: Uint8Array): Promise<void> {
      stored += bytes.length;
    },
  };
  const sink = await openEncryptingSink(nowhere, { recipients: [recipient] });
  const stream: AsyncIterable<Buffer> = createReadStream(path, { highWaterMark: 1024 * 1024 });
  for await (const piece of stream) await sink.write(piece);
  await sink.end();
  if (stored <= statSync(path).size) throw new Error("not all was encrypted");
}

async function decrypt(path: string, unlock: (header: Uint8Array) => Promise<Uint8Array>): Promise<void> {
  const source = await openDecryptingSource(await openFileSource(path), unlock);
  let read = 0;
  for await (const piece of streamSource(source)) read += piece.length;
  if (read !== source.sizeBytes) throw new Error("not all was decrypted");
  await source.close();
}

function age(...args: readonly string[]): void {
  const { status, stderr } = spawnSync("age", args);
  if (status !== 0) throw new Error(`age ${args.join(" ")}: ${stderr.toString()}`);
}

function writeRandom(path: string, size: number): void {
  const file = openSync(path, "w");
  for (let written = 0; written < size; written++) writeSync(file, randomBytes(1024 * 1024));
  closeSync(file);
}
