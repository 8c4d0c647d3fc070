import { setTimeout as sleep } from "node:timers/promises";
import { readProcessStart } from "./owner.ts";

/** A child process of a job, as recorded while it ran. */
export interface RecordedChild {
  readonly pid: number;
  readonly processStart: string;
}

const patienceMs = 3000;

/**
 * Ends a recorded child and its process group: SIGTERM, then SIGKILL after 3 s. Does nothing where the id belongs to
 * another process by now, or where the platform cannot tell. Gives true where the child was found running.
 */
export async function endRecordedChild(child: RecordedChild): Promise<boolean> {
  if (!isStill(child)) return false;
  signalGroup(child.pid, "SIGTERM");
  const giveUpAt = Date.now() + patienceMs;
  while (isStill(child)) {
    if (Date.now() > giveUpAt) {
      signalGroup(child.pid, "SIGKILL");
      break;
    }
    await sleep(25);
  }
  return true;
}

/** The same without waiting, for the moment this process itself ends. */
export function endRecordedChildNow(child: RecordedChild): void {
  if (isStill(child)) signalGroup(child.pid, "SIGTERM");
}

function isStill(child: RecordedChild): boolean {
  return child.processStart !== "" && readProcessStart(child.pid) === child.processStart;
}

/** To the whole group where the child leads one (tools are started that way), else to the child alone. */
function signalGroup(pid: number, signal: NodeJS.Signals): void {
  for (const target of [-pid, pid]) {
    try {
      process.kill(target, signal);
      return;
    } catch {
      // No such group, or it has just ended: try the process, and leave it at that.
    }
  }
}
