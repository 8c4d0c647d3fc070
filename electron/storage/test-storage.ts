import { randomBytes } from "node:crypto";
import { AppError, type ErrorValue } from "../../shared/error/app-error.ts";
import { piecesOf, type Storage, type StorageFacts } from "./storage.ts";

/** What a storage must be able to do, in the order in which it is tried. */
export const storageSteps = [
  "reach",
  "login",
  "list",
  "write",
  "range",
  "condition",
  "multipart",
  "delete",
  "lock",
] as const;

export type StorageStep = (typeof storageSteps)[number];

export interface StorageStepResult {
  readonly step: StorageStep;
  /** `weak`: it does not work, and Lifeboat gets along without. `skipped`: not tried, because an earlier step failed. */
  readonly state: "ok" | "weak" | "failed" | "skipped";
  readonly message: string;
}

export interface StorageTest {
  readonly ok: boolean;
  readonly steps: readonly StorageStepResult[];
  readonly facts: StorageFacts | null;
  /** Why it is not ok, with what to do. */
  readonly error: ErrorValue | null;
}

const unreached = /^(storage\.(unreachable|tls|insecure)|ssh\.hostKey.*)$/;
const notLoggedIn = /^(storage\.(credentials|clockSkew|wrongRegion|unsupported)|ssh\..*)$/;

/**
 * Tries a storage with a small object and an upload of two parts, and says how far it came. What it makes it removes; it
 * touches nothing else.
 * @param open opens the storage; its failure counts as that of the step it belongs to
 * @param onSteps hears of the steps that have ended well, each time of all of them
 * @throws the signal's reason alone
 */
export async function testStorage(
  open: () => Promise<Storage>,
  signal: AbortSignal,
  onSteps: (done: readonly StorageStepResult[]) => void = () => {},
): Promise<StorageTest> {
  const done = new Map<StorageStep, StorageStepResult>();
  const pass = (step: StorageStep, message: string, state: "ok" | "weak" = "ok") => {
    done.set(step, { step, state, message });
    onSteps([...done.values()]);
  };
  let storage: Storage | null = null;
  let facts: StorageFacts | null = null;
  let failure: AppError | null = null;
  let current: StorageStep = "reach";
  // At the top: a folder of its own would stay behind where folders are real.
  const stem = `lifeboat-test-${randomBytes(6).toString("hex")}`;
  const small = `${stem}-small`;
  const raced = `${stem}-raced`;
  const large = `${stem}-large`;
  try {
    storage = await open();
    current = "list";
    let found = 0;
    for await (const entry of storage.list("", { signal })) if (entry.path !== "" && (found += 1) === 100) break;
    pass("reach", storage.address);
    pass("login", storage.kind === "s3" ? "the key is accepted" : "this user may enter");
    pass("list", found === 0 ? "empty" : found === 100 ? "a hundred entries and more" : `${found} entries`);

    current = "write";
    const bytes = randomBytes(70_000);
    await storage.write(small, piecesOf(bytes), { signal });
    pass("write", "a small object is written");
    current = "range";
    const part = await storage.read(small, { offset: 65_000, length: 100, signal });
    if (!bytes.subarray(65_000, 65_100).equals(part))
      throw new AppError("storage.failed", "The storage gave other bytes than were asked for.");
    pass("range", "a part of it is read");
    current = "condition";
    const isKept = await tryCondition(storage, raced, signal);
    if (isKept) pass("condition", "of two writers of one name, one wins");
    else pass("condition", "two writers at once could replace each other's objects", "weak");
    current = "multipart";
    // Two parts of the smallest size that is ever used.
    const half = randomBytes(1024 * 1024);
    const pieces = Array.from({ length: 18 }, () => half);
    await storage.write(large, piecesOf(...pieces), { expectedBytes: 18 * half.length, signal });
    const stored = await storage.stat(large, { signal });
    if (stored.sizeBytes !== 18 * half.length)
      throw new AppError("storage.failed", "The storage put an upload together wrongly.");
    pass("multipart", "a large object is written");
    current = "delete";
    for (const path of [small, raced, large]) await storage.delete(path, { signal });
    pass("delete", "all of it is deleted again");
    facts = await storage.describe({ signal }).catch(() => null);
    current = "lock";
    if (facts !== null && facts.ownRetention !== null && facts.objectLock === "off") throw cannotLock(storage, facts);
    pass("lock", sayLock(facts));
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof AppError)) throw error;
    failure = error;
    if (unreached.test(error.code)) current = done.size === 0 ? "reach" : current;
    else if (notLoggedIn.test(error.code)) current = done.size === 0 ? "login" : current;
    if (done.size === 0 && current !== "reach") {
      pass("reach", storage?.address ?? "");
      if (current !== "login") pass("login", "the key is accepted");
    }
    done.set(current, { step: current, state: "failed", message: error.message });
  } finally {
    if (storage !== null && !done.has("delete"))
      for (const path of [small, raced, large]) await storage.delete(path).catch(() => {});
    await storage?.close();
  }
  const steps = storageSteps.map(
    (step): StorageStepResult => done.get(step) ?? { step, state: "skipped", message: "not reached" },
  );
  return { ok: failure === null, steps, facts, error: failure?.toValue() ?? null };
}

function sayLock(facts: StorageFacts | null): string {
  if (facts === null || (facts.objectLock === "unknown" && facts.versioning === "unknown")) return "not to be told";
  if (facts.ownRetention) return `backups are held: ${facts.ownRetention}`;
  if (facts.defaultRetention) return `the bucket holds what is new: ${facts.defaultRetention}`;
  if (facts.objectLock === "on") return "possible; nothing asks for it";
  return facts.versioning === "on" ? "none; older versions are kept" : "none: what is deleted is gone";
}

function cannotLock({ address }: Storage, { ownRetention }: StorageFacts): AppError {
  return new AppError("storage.unsupported", `Backups cannot be locked in ${address}: the bucket has no Object Lock.`, {
    detail: `asked for: ${ownRetention}`,
    hint: "Switch Object Lock on for the bucket, or make one that has it. Else save the storage without a lock.",
  });
}

/** Whether of two that write a new object at the same time one is refused. */
async function tryCondition(storage: Storage, path: string, signal: AbortSignal): Promise<boolean> {
  const options = { ifAbsent: true, signal };
  const write = (text: string) =>
    storage.write(path, piecesOf(text), options).then(
      () => null,
      (error: unknown) => error,
    );
  // Of one length: where both win, one finds the other's there, which is what is to be found out.
  const errors = (await Promise.all([write("one"), write("two")])).filter((error) => error !== null);
  const unexpected = errors.find((error) => !(error instanceof AppError && error.code === "storage.conflict"));
  if (unexpected !== undefined) throw unexpected;
  return errors.length === 1;
}
