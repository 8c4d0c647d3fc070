import { useState } from "react";
import type { ConnectionTestStep, HostKeyView, ProfileView } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { useClient } from "../../client/client-context.ts";
import { useProfiles } from "../../stores/profiles.ts";
import { useDrafts } from "./drafts.ts";
import { pastedPassword } from "./pasted-password.ts";
import {
  type DraftFaults,
  draftOf,
  emptyDraft,
  fillFromUrl,
  findFaults,
  isChanged,
  type ProfileDraft,
  profileOf,
} from "./profile-draft.ts";

/** How a test went, and of what. */
export interface TestOutcome {
  readonly draft: ProfileDraft;
  readonly steps: readonly ConnectionTestStep[];
}

export type EditorWork = "testing" | "saving" | "filling" | "trusting" | null;

export interface ProfileEditor {
  readonly draft: ProfileDraft;
  readonly isChanged: boolean;
  /** Of the fields that were shown to be wrong; empty until something was asked of them. */
  readonly faults: DraftFaults;
  readonly work: EditorWork;
  readonly test: TestOutcome | null;
  readonly error: ErrorValue | null;
  /** What a pasted line brought along; null where none was pasted. */
  readonly filled: { readonly hasPassword: boolean; readonly warnings: readonly string[] } | null;
  /** The key of an SSH server that the test found unknown; null where there is nothing to decide. */
  readonly hostKey: HostKeyView | null;
  change(part: Partial<ProfileDraft>): void;
  fill(text: string): Promise<void>;
  runTest(): Promise<void>;
  /** Trusts the key and tests again. */
  trustHostKey(): Promise<void>;
  leaveHostKey(): void;
  /** @returns the name it is saved under; null where something has to be mended first */
  save(): Promise<{ readonly name: string; readonly keptIn: "keychain" | "memory" | "nowhere" } | null>;
  discard(): void;
}

/** The draft of a profile and what can be done with it. `saved` null: it is new. */
export function useProfileEditor(saved: ProfileView | null, hasKeychain: boolean): ProfileEditor {
  const client = useClient();
  const reloadProfiles = useProfiles(({ reload }) => reload);
  const key = saved?.name ?? "";
  const base = saved === null ? emptyDraft(hasKeychain) : draftOf(saved);
  const { drafts, keep, drop } = useDrafts();
  const draft = drafts[key] ?? base;
  const [hasAsked, setHasAsked] = useState(false);
  const [work, setWork] = useState<EditorWork>(null);
  const [test, setTest] = useState<TestOutcome | null>(null);
  const [error, setError] = useState<ErrorValue | null>(null);
  const [filled, setFilled] = useState<ProfileEditor["filled"]>(null);

  const [hostKey, setHostKey] = useState<HostKeyView | null>(null);

  function change(part: Partial<ProfileDraft>): void {
    keep(key, { ...draft, ...part });
  }

  async function attempt<T>(kind: EditorWork, what: () => Promise<T>): Promise<T | null> {
    setWork(kind);
    setError(null);
    try {
      return await what();
    } catch (thrown) {
      setError(toErrorValue(thrown));
      return null;
    } finally {
      setWork(null);
    }
  }

  const secrets = {
    ...(draft.password === "" ? {} : { password: draft.password }),
    ...(draft.ssh.isOn && draft.ssh.secret !== "" ? { sshSecret: draft.ssh.secret } : {}),
  };

  async function runTest(): Promise<void> {
    const named = { ...draft, name: draft.name.trim() || "test" };
    setHasAsked(true);
    if (findFaults(named).size > 0) return;
    setTest(null);
    await attempt("testing", async () => {
      const profile = profileOf(named);
      const steps = await client.invoke("profiles.test", { profile, ...secrets });
      setTest({ draft, steps });
      const isUnknown = steps.some(({ error: failure }) => failure?.code === "ssh.hostKeyUnknown");
      const { tunnel } = profile;
      if (isUnknown && tunnel !== null) setHostKey(await client.invoke("profiles.hostKey", { tunnel }));
    });
  }

  return {
    draft,
    isChanged: isChanged(draft, base),
    faults: hasAsked ? findFaults(draft) : new Map(),
    work,
    test,
    error,
    filled,
    hostKey,
    change,
    async fill(text) {
      await attempt("filling", async () => {
        const { profile, hasPassword, warnings } = await client.invoke("profiles.parse", { text });
        keep(key, { ...fillFromUrl(draft, profile), password: pastedPassword(text) || draft.password });
        setFilled({ hasPassword, warnings });
        setTest(null);
      });
    },
    runTest,
    async trustHostKey() {
      const { tunnel } = profileOf(draft);
      if (hostKey === null || tunnel === null) return;
      const { fingerprint } = hostKey;
      const trusted = await attempt("trusting", () => client.invoke("profiles.trustHostKey", { tunnel, fingerprint }));
      setHostKey(null);
      if (trusted !== null) await runTest();
    },
    leaveHostKey: () => setHostKey(null),
    async save() {
      setHasAsked(true);
      if (findFaults(draft).size > 0) return null;
      return attempt("saving", async () => {
        const profile = profileOf(draft);
        const answer = await client.invoke("profiles.save", { profile, replaces: saved?.name ?? null, ...secrets });
        drop(key);
        setHasAsked(false);
        reloadProfiles();
        return { name: profile.name, keptIn: answer.passwordKeptIn };
      });
    },
    discard() {
      drop(key);
      setHasAsked(false);
      setTest(null);
      setFilled(null);
      setError(null);
    },
  };
}
