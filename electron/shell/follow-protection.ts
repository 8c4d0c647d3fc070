import { isEnded } from "../../shared/job/transitions.ts";
import { judge, type Protection, type ProtectionSentence, sayProtection } from "../../shared/policy/protection.ts";
import { listWatched } from "../../shared/policy/watched-databases.ts";
import type { ClientSession, ServedApp } from "../host/served-app.ts";

/** What Home shows, for where there is no page. */
export interface ProtectionNow {
  readonly sentence: ProtectionSentence;
  readonly databases: readonly Protection[];
}

/** Changes of one moment are looked at once; a backup that is merely old is found out by looking now and then. */
const settleMs = 150;
const lookEveryMs = 5 * 60_000;

/**
 * Tells how well the databases are protected, at once and whenever that may have changed. Where it cannot be told (profiles or
 * the folder cannot be read) the last word stands: the window says what is wrong. @returns ends the telling
 */
export function followProtection(
  app: Pick<ServedApp, "handlers" | "topics">,
  tell: (now: ProtectionNow) => void,
): () => void {
  const end = new AbortController();
  const session: ClientSession = { signal: end.signal, keep: (_key, make) => make() };
  let settling: NodeJS.Timeout | null = null;
  /** Jobs as they stood when they were last heard of: progress alone changes nothing here. */
  const states = new Map<string, string>();

  async function look(): Promise<void> {
    const [profiles, { backups }, keys, jobs] = await Promise.all([
      app.handlers["profiles.list"]({}, session),
      app.handlers["backups.list"]({}, session),
      app.handlers["keys.list"]({}, session),
      app.topics.jobs.snapshot(),
    ]);
    const nowMs = Date.now();
    const tried = new Set(keys.filter(({ kitTriedAt }) => kitTriedAt !== null).map(({ recipient }) => recipient));
    const databases = listWatched(profiles, backups, jobs).map((database) => judge(database, nowMs, tried));
    if (!end.signal.aborted) tell({ sentence: sayProtection(databases, nowMs), databases });
  }

  function lookSoon(): void {
    if (settling !== null || end.signal.aborted) return;
    settling = setTimeout(() => {
      settling = null;
      look().catch(() => {});
    }, settleMs);
    settling.unref();
  }

  const stops = [
    app.topics.changes.listen(lookSoon),
    app.topics.jobs.listen((delta) => {
      if ("removed" in delta) return lookSoon();
      const { id, kind, state } = delta.changed;
      if (kind !== "backup" || states.get(id) === state) return;
      if (isEnded(state)) states.delete(id);
      else states.set(id, state);
      lookSoon();
    }),
  ];
  const timer = setInterval(lookSoon, lookEveryMs);
  timer.unref();
  lookSoon();
  return () => {
    end.abort();
    clearInterval(timer);
    if (settling !== null) clearTimeout(settling);
    for (const stop of stops) stop();
  };
}
