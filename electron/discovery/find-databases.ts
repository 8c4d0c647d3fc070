import type { Home } from "../home.ts";
import { findConfigured } from "./find-configured.ts";
import { findRunning } from "./find-running.ts";
import { type Finding, keyOf } from "./found-databases.ts";

/** Nobody waits longer for a first screen; what has not answered by then is not there. */
const limitMs = 1800;

/**
 * Databases that could be backed up, found without asking anybody: servers that run on this computer, sections of
 * pg_service.conf, lines of .pgpass, the environment. Only servers of this computer are spoken to. Takes at most two
 * seconds; never rejects.
 */
export async function findDatabases(services: {
  readonly home: Home;
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}): Promise<Finding[]> {
  const signal = AbortSignal.any([services.signal, AbortSignal.timeout(limitMs)]);
  const found: Finding[] = [];
  const looks = [findRunning({ ...services, signal }, found), findConfigured(services, found)];
  const late = new Promise<void>((resolve) => {
    setTimeout(resolve, limitMs + 100).unref();
  });
  await Promise.race([Promise.allSettled(looks), late]);
  return withoutRepeats(found);
}

const order: readonly Finding["source"][] = ["running", "environment", "service", "pgpass"];

/** What a running server was seen to hold says more than a line in a file about the same database. */
function withoutRepeats(found: readonly Finding[]): Finding[] {
  const known = new Set<string>();
  const sorted = found.toSorted(
    (a, b) =>
      order.indexOf(a.source) - order.indexOf(b.source) ||
      Number(b.isOpen) - Number(a.isOpen) ||
      (a.target.database < b.target.database ? -1 : 1),
  );
  return sorted.filter((finding) => {
    const keys = [keyOf(finding.target), ...localKeys(finding)];
    const isRepeat = keys.some((key) => known.has(key));
    for (const key of keys) known.add(key);
    return !isRepeat;
  });
}

/** `localhost`, 127.0.0.1 and the socket of one port are one server as far as this list goes. */
function localKeys({ target }: Finding): string[] {
  const [first] = target.hosts;
  if (first === undefined || target.hosts.length > 1) return [];
  const isLocal = first.host.startsWith("/") || ["localhost", "127.0.0.1", "::1"].includes(first.host);
  return isLocal ? [`local:${first.port} ${target.database} ${target.user}`] : [];
}
