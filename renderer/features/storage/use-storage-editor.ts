import { useEffect, useRef, useState } from "react";
import type { StorageTestStepView, StorageTestView, StorageView } from "../../../shared/contract/storage-views.ts";
import type { HostKeyView } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { useClient } from "../../client/client-context.ts";
import {
  draftOf,
  emptyDraft,
  findStorageFaults,
  type StorageDraft,
  type StorageFault,
  type StorageField,
  sshServerOf,
  storageOf,
  takesSecret,
} from "./storage-draft.ts";

/** The last test of the fields, as they were then. */
export interface StorageTrial {
  readonly draft: StorageDraft;
  /** Those that have ended. */
  readonly steps: readonly StorageTestStepView[];
  /** null while it goes on. */
  readonly result: StorageTestView | null;
}

export interface StorageEditor {
  readonly draft: StorageDraft;
  readonly faults: ReadonlyMap<StorageField, StorageFault>;
  readonly trial: StorageTrial | null;
  readonly isSaving: boolean;
  readonly error: ErrorValue | null;
  /** The key of an SFTP server that the test found unknown; null where there is nothing to decide. */
  readonly hostKey: HostKeyView | null;
  readonly isTrusting: boolean;
  change(part: Partial<StorageDraft>): void;
  runTest(): Promise<void>;
  /** Trusts the key and tests again. */
  trustHostKey(): Promise<void>;
  leaveHostKey(): void;
  /** null: it could not be saved; why is in `error` or among the faults. */
  save(): Promise<{ readonly name: string; readonly secretKeptIn: "keychain" | "memory" | "nowhere" } | null>;
}

/** The fields of a storage, a test of them, and saving. @param saved null: it is new */
export function useStorageEditor(saved: StorageView | null): StorageEditor {
  const client = useClient();
  const [draft, setDraft] = useState(() => (saved === null ? emptyDraft : draftOf(saved)));
  const [isChecked, setIsChecked] = useState(false);
  const [trial, setTrial] = useState<StorageTrial | null>(null);
  const [isSaving, setIsSaving] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);
  const [hostKey, setHostKey] = useState<HostKeyView | null>(null);
  const [isTrusting, setIsTrusting] = useState(false);
  const testId = useRef("");
  const faults = findStorageFaults(draft, saved === null);

  useEffect(
    () =>
      client.subscribe("storageTests", {
        snapshot: () => {},
        delta(told) {
          if (told.testId !== testId.current) return;
          setTrial((last) => (last === null || last.result !== null ? last : { ...last, steps: told.steps }));
        },
      }),
    [client],
  );

  async function runTest(): Promise<void> {
    setIsChecked(true);
    setError(null);
    // A name is not needed to try it.
    if ([...faults.keys()].some((field) => field !== "name")) return;
    testId.current = crypto.randomUUID();
    setTrial({ draft, steps: [], result: null });
    try {
      const named = { ...draft, name: faults.has("name") ? "untitled" : draft.name };
      const result = await client.invoke("storages.test", {
        storage: storageOf(named),
        testId: testId.current,
        ...secretOf(draft),
      });
      setTrial({ draft, steps: result.steps, result });
      const server = sshServerOf(draft);
      if (result.error?.code === "ssh.hostKeyUnknown" && server !== null)
        setHostKey(await client.invoke("profiles.hostKey", { tunnel: server }));
    } catch (thrown) {
      setTrial((last) => (last?.result === null ? null : last));
      setError(toErrorValue(thrown));
    }
  }

  return {
    draft,
    faults: isChecked ? faults : new Map(),
    trial,
    isSaving,
    error,
    hostKey,
    isTrusting,
    change: (part) => setDraft((last) => ({ ...last, ...part })),
    runTest,
    async trustHostKey() {
      const server = sshServerOf(draft);
      if (hostKey === null || server === null) return;
      setIsTrusting(true);
      try {
        await client.invoke("profiles.trustHostKey", { tunnel: server, fingerprint: hostKey.fingerprint });
        setHostKey(null);
        await runTest();
      } catch (thrown) {
        setHostKey(null);
        setError(toErrorValue(thrown));
      } finally {
        setIsTrusting(false);
      }
    },
    leaveHostKey: () => setHostKey(null),
    async save() {
      setIsChecked(true);
      setError(null);
      if (faults.size > 0) return null;
      setIsSaving(true);
      try {
        const storage = storageOf(draft);
        const { secretKeptIn } = await client.invoke("storages.save", {
          storage,
          isNew: saved === null,
          ...secretOf(draft),
        });
        return { name: storage.name, secretKeptIn };
      } catch (thrown) {
        setError(toErrorValue(thrown));
        return null;
      } finally {
        setIsSaving(false);
      }
    },
  };
}

/** Nothing typed leaves the one that is kept. */
function secretOf(draft: StorageDraft): { secret?: string } {
  return draft.secret === "" || !takesSecret(draft) ? {} : { secret: draft.secret };
}
