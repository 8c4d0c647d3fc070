import { spawnSync } from "node:child_process";
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { JobOwner } from "../../shared/job/job.ts";
import { isRunning } from "../tools/is-running.ts";

/**
 * Tells whether the process that owns a job still runs. A process id alone does not: ids are used again. With it goes the
 * moment the process started, and on Linux the boot and the pid namespace it belongs to, since ids mean nothing outside.
 *
 * Linux  `<boot id>/<pid namespace>/<start in clock ticks>` from /proc (proc_pid_stat(5), field 22).
 * macOS  `ps -o lstart=`, to the second.
 * Windows  the id alone (asking for the start costs a third of a second there). So a dead job whose id is in use again looks
 * alive until that process ends, and children are never ended by id.
 */

let self: JobOwner | null = null;

/** The owner record of this process. */
export function thisOwner(): JobOwner {
  self ??= { host: hostname(), pid: process.pid, processStart: readProcessStart(process.pid) ?? "" };
  return self;
}

/** What a process looked like when it started; null where no such process runs, `""` where the platform does not tell. */
export function readProcessStart(pid: number): string | null {
  if (process.platform === "linux") return readLinuxStart(pid);
  if (process.platform === "win32") return isRunning(pid) ? "" : null;
  const listed = spawnSync("ps", ["-o", "lstart=", "-p", String(pid)], {
    encoding: "utf8",
    env: { PATH: "/bin:/usr/bin", LC_ALL: "C" },
  });
  const text = (listed.stdout ?? "").trim();
  return text === "" ? null : text;
}

export type OwnerState = "alive" | "dead" | "unknown";

/** `unknown` for a process on another machine or in another container, which cannot be seen from here. */
export function stateOfOwner(owner: JobOwner): OwnerState {
  const here = placeOf(thisOwner());
  if (placeOf(owner) !== here) return sameHost(owner.host, hostname()) ? "dead" : "unknown";
  const start = readProcessStart(owner.pid);
  return start !== null && start === owner.processStart ? "alive" : "dead";
}

/** The boot and namespace on Linux, where a host name may change under a running job; the host's first name elsewhere. */
function placeOf(owner: JobOwner): string {
  const parts = owner.processStart.split("/");
  return parts.length === 3 ? parts.slice(0, 2).join("/") : (owner.host.split(".")[0] ?? "");
}

function sameHost(one: string, other: string): boolean {
  return one.split(".")[0] === other.split(".")[0];
}

// Sample, Linux 6.1: `17064 (cat) R 17041 17041 3236 0 -1 4194304 100 0 0 0 0 0 0 0 20 0 1 0 182395 3133440 …`
function readLinuxStart(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The program's name in parentheses may hold spaces and parentheses itself: count from the last one.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    const state = fields[0];
    if (state === "Z" || state === "X") return null;
    return `${bootId()}/${pidNamespace()}/${fields[19]}`;
  } catch {
    return null;
  }
}

function bootId(): string {
  return readOr("?", () => readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim());
}

function pidNamespace(): string {
  return readOr("?", () => readlinkSync("/proc/self/ns/pid").replace(/\D/g, ""));
}

function readOr(fallback: string, read: () => string): string {
  try {
    return read();
  } catch {
    return fallback;
  }
}
