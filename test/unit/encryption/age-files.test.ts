import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decrypter, Encrypter } from "age-encryption";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  createIdentity,
  type EncryptFor,
  recipientOf,
  unwrapFileKey,
} from "../../../electron/encryption/age-package.ts";
import { decryptBytes, encryptBytes } from "../../../electron/encryption/bytes.ts";
import { openDecryptingSource } from "../../../electron/encryption/decrypting-source.ts";
import { openEncryptingSink } from "../../../electron/encryption/encrypting-sink.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { ageCommand, memorySource, runAge } from "../../helpers/age.ts";

const kib64 = 65536;
const borderSizes = [0, 1, 100, kib64 - 1, kib64, kib64 + 1, 2 * kib64 - 1, 2 * kib64, 2 * kib64 + 1, 5 * kib64];
const nobody = async (): Promise<null> => null;

let identity: Secret;
let recipient: string;
let to: EncryptFor;
beforeAll(async () => {
  identity = await createIdentity();
  recipient = await recipientOf(identity);
  to = { recipients: [recipient] };
});

const unlock = (header: Uint8Array): Promise<Uint8Array> =>
  unwrapFileKey(header, { identities: [identity], passphrase: nobody });
const unlockWithNone = (header: Uint8Array): Promise<Uint8Array> =>
  unwrapFileKey(header, { identities: [], passphrase: nobody });
const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => "whole",
    (error: unknown) => (error instanceof AppError ? error.code : String(error)),
  );
}

describe("what is encrypted", () => {
  it.each(borderSizes)("%i bytes are read back, also by the package", async (size) => {
    const plain = randomBytes(size);
    const file = await encryptBytes(plain, to);
    expect(hash(await decryptBytes(file, unlock))).toBe(hash(plain));
    const decrypter = new Decrypter();
    decrypter.addIdentity(identity.reveal());
    expect(hash(await decrypter.decrypt(file))).toBe(hash(plain));
  });

  it.each(borderSizes)("%i bytes of the package are read", async (size) => {
    const plain = randomBytes(size);
    const encrypter = new Encrypter();
    encrypter.addRecipient(recipient);
    expect(hash(await decryptBytes(await encrypter.encrypt(plain), unlock))).toBe(hash(plain));
  });

  it("is the same file whatever the pieces it came in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 150_000 }), { maxLength: 6 }), async (sizes) => {
        const pieces = sizes.map((size) => randomBytes(size));
        const parts: Uint8Array[] = [];
        const sink = await openEncryptingSink({ write: async (part) => void parts.push(part) }, to);
        for (const piece of pieces) await sink.write(piece);
        await sink.end();
        const plain = Buffer.concat(pieces);
        expect(hash(await decryptBytes(Buffer.concat(parts), unlock))).toBe(hash(plain));
      }),
      { numRuns: 40 },
    );
  });

  it("never seals two things with one key: the same bytes give another payload each time", async () => {
    const plain = randomBytes(1000);
    const [one, other] = await Promise.all([encryptBytes(plain, to), encryptBytes(plain, to)]);
    expect(hash(one.subarray(-1016))).not.toBe(hash(other.subarray(-1016)));
  });

  it("for several recipients opens with each one's identity", async () => {
    const others = await Promise.all([createIdentity(), createIdentity()]);
    const file = await encryptBytes(Buffer.from("for all"), {
      recipients: [recipient, ...(await Promise.all(others.map(recipientOf)))],
    });
    for (const one of [identity, ...others]) {
      const bytes = await decryptBytes(file, (header) =>
        unwrapFileKey(header, { identities: [one], passphrase: nobody }),
      );
      expect(Buffer.from(bytes).toString()).toBe("for all");
    }
  });

  it("under a passphrase opens with it, by the package too, and with no other", async () => {
    const passphrase = new Secret("several wörds apart");
    const file = await encryptBytes(Buffer.from("hello"), { passphrase, logN: 10 });
    const open = (word: Secret | null) =>
      decryptBytes(file, (header) => unwrapFileKey(header, { identities: [], passphrase: async () => word }));
    expect(Buffer.from(await open(passphrase)).toString()).toBe("hello");
    expect(await codeOf(open(new Secret("another")))).toBe("encryption.wrongPassphrase");
    expect(await codeOf(open(null))).toBe("encryption.passphraseMissing");
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase.reveal());
    expect(await decrypter.decrypt(file, "text")).toBe("hello");
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(10);
    encrypter.setPassphrase(passphrase.reveal());
    const theirs = await encrypter.encrypt("theirs");
    const bytes = await decryptBytes(theirs, (header) =>
      unwrapFileKey(header, { identities: [identity], passphrase: async () => passphrase }),
    );
    expect(Buffer.from(bytes).toString()).toBe("theirs");
  });
});

describe.skipIf(ageCommand !== "run")(`the age command (${ageCommand})`, () => {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-age-"));
  const keyFile = join(folder, "key.txt");
  beforeAll(() => writeFileSync(keyFile, `${identity.reveal()}\n`, { mode: 0o600 }));
  afterAll(() => rmSync(folder, { recursive: true }));

  it.each(borderSizes)("reads %i bytes that were encrypted here, and the other way round", async (size) => {
    const plain = randomBytes(size);
    expect(hash(runAge(["-d", "-i", keyFile], await encryptBytes(plain, to)))).toBe(hash(plain));
    expect(hash(await decryptBytes(runAge(["-r", recipient], plain), unlock))).toBe(hash(plain));
  });
});

describe("random access", () => {
  const plain = randomBytes(20 * kib64 + 777);

  it("gives any range, and reads no more than its chunks", async () => {
    const file = await encryptBytes(plain, to);
    const source = memorySource(file);
    const open = await openDecryptingSource(source, unlock);
    expect(open.sizeBytes).toBe(plain.length);
    await fc.assert(
      fc.asyncProperty(fc.nat(plain.length + 10), fc.nat(5 * kib64), async (offset, length) => {
        source.reads.length = 0;
        const bytes = await open.read(offset, length);
        expect(Buffer.from(bytes).equals(plain.subarray(offset, offset + length))).toBe(true);
        const chunks = Math.ceil((offset + length) / kib64) - Math.floor(offset / kib64);
        const stored = source.reads.reduce((sum, read) => sum + read.length, 0);
        expect(stored).toBeLessThanOrEqual(chunks * (kib64 + 16));
      }),
      { numRuns: 200 },
    );
  });

  it("opens with two small reads, and keeps the first chunk it met", async () => {
    const source = memorySource(await encryptBytes(plain, to));
    const open = await openDecryptingSource(source, unlock);
    await open.read(0, 1000);
    await open.read(5, kib64 - 5);
    expect(source.reads.reduce((sum, read) => sum + read.length, 0)).toBeLessThan(kib64 + 2048);
  });

  it("answers several readers at once", async () => {
    const open = await openDecryptingSource(memorySource(await encryptBytes(plain, to)), unlock);
    const reads = Array.from({ length: 60 }, (_, at) => [at * 20_000, 70_000] as const);
    const all = await Promise.all(reads.map(([offset, length]) => open.read(offset, length)));
    for (const [at, bytes] of all.entries()) {
      const [offset, length] = reads[at] ?? [0, 0];
      expect(Buffer.from(bytes).equals(plain.subarray(offset, offset + length))).toBe(true);
    }
  });
});

describe("damage", () => {
  const plain = randomBytes(3 * kib64 + 500);
  let file: Uint8Array;
  beforeAll(async () => {
    file = await encryptBytes(plain, to);
  });

  it("300 truncations: told when it is opened or at its last chunk", async () => {
    const header = file.length - plain.length - 16 - 4 * 16;
    const starts = [0, 1, 2, 3].map((chunk) => header + 16 + chunk * (kib64 + 16));
    const edges = starts.flatMap((start) => [start - 1, start, start + 1, start + 15, start + 16, start + 17]);
    const lengths = new Set([0, 1, 21, 22, header - 1, header, header + 1, file.length - 1, ...edges]);
    while (lengths.size < 300) lengths.add(Math.floor(Math.random() * file.length));
    for (const length of lengths) {
      const open = openDecryptingSource(memorySource(file.subarray(0, length)), unlock);
      const code = await codeOf(open.then((source) => source.proveWhole()));
      // Between two chunks it is plain that the rest is missing.
      const expected = starts.slice(1).includes(length) ? /: archive\.truncated$/ : /: archive\.(truncated|damaged)$/;
      expect(`${length}: ${code}`).toMatch(expected);
    }
  });

  it("300 bits: told before a byte of theirs is given out", async () => {
    for (let run = 0; run < 300; run++) {
      const at = run < 150 ? Math.floor(Math.random() * 200) : Math.floor(Math.random() * file.length);
      const flipped = Uint8Array.from(file);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (run % 8));
      const code = await codeOf(decryptBytes(flipped, unlock));
      // A changed stanza is nobody's.
      expect(`${at}: ${code}`).toMatch(/: archive\.(damaged|keyMissing|truncated)$/);
    }
  });

  it("chunks in another order, doubled, left out, and bytes behind the end", async () => {
    const sealed = kib64 + 16;
    const from = file.length - plain.length - 4 * 16;
    const chunks = [0, 1, 2, 3].map((at) => file.subarray(from + at * sealed, from + (at + 1) * sealed));
    const start = file.subarray(0, from);
    const build = (...order: number[]): Buffer => Buffer.concat([start, ...order.map((at) => chunks[at] ?? start)]);
    expect(await codeOf(decryptBytes(build(0, 1, 2, 3), unlock))).toBe("whole");
    for (const order of [[1, 0, 2, 3], [0, 0, 1, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2, 2, 3], [3]])
      expect([order, await codeOf(decryptBytes(build(...order), unlock))]).toEqual([order, "archive.damaged"]);
    expect(await codeOf(decryptBytes(build(0, 1, 2), unlock))).toBe("archive.truncated");
    const longer = Buffer.concat([file, randomBytes(100)]);
    expect(await codeOf(decryptBytes(longer, unlock))).toMatch(/archive\.(damaged|truncated)/);
  });

  it("a wrong key is not damage", async () => {
    const other = await createIdentity();
    const withOther = (header: Uint8Array) => unwrapFileKey(header, { identities: [other], passphrase: nobody });
    await expect(decryptBytes(file, withOther)).rejects.toMatchObject({
      code: "archive.keyMissing",
      message: "The key does not open this file.",
    });
    await expect(decryptBytes(file, unlockWithNone)).rejects.toMatchObject({
      message: expect.stringContaining("there is no key for it here"),
    });
  });
});
