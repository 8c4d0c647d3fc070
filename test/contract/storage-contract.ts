import { createHash, randomBytes } from "node:crypto";
import { expect } from "vitest";
import { collectBytes, piecesOf, type Storage } from "../../electron/storage/storage.ts";

const MiB = 1024 * 1024;

async function* pieces(total: number, pieceBytes: number, hash = createHash("sha256")): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < total; at += pieceBytes) {
    const piece = randomBytes(Math.min(pieceBytes, total - at));
    hash.update(piece);
    yield piece;
  }
}

async function paths(storage: Storage, folder: string, recursive = false): Promise<string[]> {
  const found: string[] = [];
  for await (const entry of storage.list(folder, { recursive }))
    found.push(entry.kind === "folder" ? `${entry.path}/` : entry.path);
  return found.toSorted();
}

/** What every storage does, whatever it is made of; each case with a fresh root. */
export const storageContract: readonly (readonly [name: string, work: (storage: Storage) => Promise<void>])[] = [
  [
    "gives back what was written, whole and in any part",
    async (storage) => {
      const bytes = randomBytes(300_000);
      await storage.write("shop/a.dump", piecesOf(bytes.subarray(0, 100_001), bytes.subarray(100_001)));
      expect(Buffer.from(await storage.read("shop/a.dump")).equals(bytes)).toBe(true);
      const part = await storage.read("shop/a.dump", { offset: 99_000, length: 2000 });
      expect(Buffer.from(part).equals(bytes.subarray(99_000, 101_000))).toBe(true);
      const tail = await storage.read("shop/a.dump", { offset: 299_999, length: 50 });
      expect(Buffer.from(tail).equals(bytes.subarray(299_999))).toBe(true);
      expect(await storage.read("shop/a.dump", { offset: 300_000, length: 10 })).toHaveLength(0);
      expect(await storage.read("shop/a.dump", { offset: 10, length: 0 })).toHaveLength(0);
      expect(
        Buffer.from(await collectBytes(storage.readStream("shop/a.dump", { offset: 5 }))).equals(bytes.subarray(5)),
      ).toBe(true);
      expect(await storage.stat("shop/a.dump")).toMatchObject({
        path: "shop/a.dump",
        sizeBytes: 300_000,
        archived: false,
      });
    },
  ],

  [
    "keeps an empty object",
    async (storage) => {
      await storage.write("empty", piecesOf());
      expect(await storage.stat("empty")).toMatchObject({ sizeBytes: 0 });
      expect(await storage.read("empty")).toHaveLength(0);
    },
  ],

  [
    "writes what is larger than a part",
    async (storage) => {
      const hash = createHash("sha256");
      // Across part borders, and not a multiple of anything.
      await storage.write("large", pieces(35 * MiB + 7, 3 * MiB + 11, hash), { expectedBytes: 36 * MiB });
      const back = createHash("sha256");
      for await (const piece of storage.readStream("large")) back.update(piece);
      expect(back.digest("hex")).toBe(hash.digest("hex"));
      expect((await storage.stat("large")).sizeBytes).toBe(35 * MiB + 7);
    },
  ],

  [
    "sets a head at the end that was not known before, of an object of one part and of several",
    async (storage) => {
      for (const [total, headBytes] of [
        [100_000, 70_000],
        [50 * MiB + 3, 1000],
        [50 * MiB + 3, 17 * MiB],
      ] as const) {
        const bytes = randomBytes(total);
        const head = randomBytes(headBytes);
        let passed = 0;
        const lateHead = {
          // Known once it has passed, as a table of contents is.
          get sizeBytes() {
            return passed < headBytes ? Number.POSITIVE_INFINITY : headBytes;
          },
          bytes: () => head,
        };
        const sliced = async function* () {
          for (let at = 0; at < total; at += 2 * MiB) {
            const piece = bytes.subarray(at, at + 2 * MiB);
            passed += piece.length;
            yield piece;
          }
        };
        await storage.write(`late-${total}-${headBytes}`, sliced(), { expectedBytes: total, lateHead });
        const stored = await storage.read(`late-${total}-${headBytes}`);
        expect(Buffer.concat([head, bytes.subarray(headBytes)]).equals(stored)).toBe(true);
      }
    },
  ],

  [
    "lists a folder, and all below it",
    async (storage) => {
      const odd = "Größe; 100% +&<'\"> ü/x y+z.dump";
      for (const path of ["top", "shop/one", "shop/two", "shop/inner/three", "shop2/four", odd])
        await storage.write(path, piecesOf("x"));
      expect(await paths(storage, "")).toEqual(["Größe; 100% +&<'\"> ü/", "shop/", "shop2/", "top"].toSorted());
      expect(await paths(storage, "shop")).toEqual(["shop/inner/", "shop/one", "shop/two"]);
      expect(await paths(storage, "shop", true)).toEqual(["shop/inner/three", "shop/one", "shop/two"]);
      expect(await paths(storage, "", true)).toHaveLength(6);
      expect(await paths(storage, "nothing")).toEqual([]);
      expect(Buffer.from(await storage.read(odd)).toString()).toBe("x");
    },
  ],

  [
    "replaces, unless told not to",
    async (storage) => {
      await storage.write("name", piecesOf("first"));
      await expect(storage.write("name", piecesOf("second"), { ifAbsent: true })).rejects.toMatchObject({
        code: "storage.conflict",
      });
      expect(Buffer.from(await storage.read("name")).toString()).toBe("first");
      const before = (await storage.stat("name")).etag;
      await storage.write("name", piecesOf("third!"));
      expect(Buffer.from(await storage.read("name")).toString()).toBe("third!");
      expect((await storage.stat("name")).etag).not.toBe(before);
      await expect(storage.read("name", { etag: before })).rejects.toMatchObject({ code: "storage.conflict" });
    },
  ],

  [
    "lets one of many writers of a new name win",
    async (storage) => {
      const contents = Array.from({ length: 8 }, (_, at) => `writer ${at}`);
      const ends = await Promise.allSettled(
        contents.map((text) => storage.write("race/name", piecesOf(text), { ifAbsent: true })),
      );
      const winners = contents.filter((_, at) => ends[at]?.status === "fulfilled");
      expect(winners).toHaveLength(1);
      expect(Buffer.from(await storage.read("race/name")).toString()).toBe(winners[0]);
      expect(await paths(storage, "race")).toEqual(["race/name"]);
    },
  ],

  [
    "deletes, also what is gone",
    async (storage) => {
      await storage.write("shop/a", piecesOf("x"));
      await storage.delete("shop/a");
      await storage.delete("shop/a");
      await expect(storage.stat("shop/a")).rejects.toMatchObject({ code: "storage.notFound" });
      await expect(storage.read("shop/a")).rejects.toMatchObject({ code: "storage.notFound" });
      expect(await paths(storage, "", true)).toEqual([]);
    },
  ],

  [
    "leaves nothing where the source fails",
    async (storage) => {
      for (const [total, expectedBytes] of [
        [1000, 1000],
        [20 * MiB, 20 * MiB],
      ] as const) {
        const failing = async function* () {
          yield* pieces(total, MiB);
          throw new Error("pg_dump died");
        };
        await expect(storage.write("shop/cut", failing(), { expectedBytes })).rejects.toMatchObject({
          message: expect.stringContaining("pg_dump died"),
        });
      }
      expect(await paths(storage, "", true)).toEqual([]);
      await expect(storage.stat("shop/cut")).rejects.toMatchObject({ code: "storage.notFound" });
    },
  ],

  [
    "stops when asked to, with the reason that was given",
    async (storage) => {
      const ending = new AbortController();
      const endless = async function* () {
        for (let count = 0; ; count += 1) {
          if (count === 40) ending.abort(new Error("enough"));
          yield randomBytes(MiB);
        }
      };
      const options = { signal: ending.signal, expectedBytes: 100 * MiB };
      await expect(storage.write("endless", endless(), options)).rejects.toThrow("enough");
      expect(await paths(storage, "", true)).toEqual([]);
      await storage.write("there", pieces(8 * MiB, MiB));
      const reading = new AbortController();
      const read = async () => {
        for await (const piece of storage.readStream("there", { signal: reading.signal }))
          if (piece.length > 0) reading.abort(new Error("seen enough"));
      };
      await expect(read()).rejects.toThrow("seen enough");
    },
  ],

  [
    "has no folder in which nothing is left",
    async (storage) => {
      for (const path of ["shop/a.dir/1.dat", "shop/a.dir/2.dat", "shop/b"]) await storage.write(path, piecesOf("x"));
      await storage.delete("shop/a.dir/1.dat");
      expect(await paths(storage, "shop")).toEqual(["shop/a.dir/", "shop/b"]);
      await storage.delete("shop/a.dir/2.dat");
      expect(await paths(storage, "shop")).toEqual(["shop/b"]);
      await storage.delete("shop/b");
      expect(await paths(storage, "")).toEqual([]);
      await storage.write("shop/c", piecesOf("x"));
      expect(await paths(storage, "", true)).toEqual(["shop/c"]);
    },
  ],

  [
    "refuses paths that lead elsewhere",
    async (storage) => {
      for (const path of ["", "../x", "a/../../x", "/etc/x", "a//b", "a\\b", "a\0b", "."])
        await expect(storage.write(path, piecesOf("x"))).rejects.toMatchObject({ code: "storage.invalid" });
    },
  ],

  [
    "says what it is, and has nothing to sweep when new",
    async (storage) => {
      const facts = await storage.describe();
      expect(["on", "off", "unknown"]).toContain(facts.versioning);
      expect(await storage.sweepStaleUploads()).toBe(0);
    },
  ],
];

/** Runs one case, and closes what it was given. */
export async function expectContract(
  open: () => Promise<Storage>,
  work: (storage: Storage) => Promise<void>,
): Promise<void> {
  const storage = await open();
  try {
    await work(storage);
  } finally {
    await storage.close();
  }
}
