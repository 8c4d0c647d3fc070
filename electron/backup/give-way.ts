import { readdirSync, readlinkSync } from "node:fs";
import { getPriority, setPriority } from "node:os";

/**
 * So much nicer than the process itself, which is a third of its share of a processor (sched(7), "The nice value"): enough
 * to stay behind pg_dump on two cores, and not so much that on a crowded machine nothing would be done any more.
 */
const NICER = 5;
const NICEST = 19;

/**
 * Gives the calling thread a smaller share of a contended processor, for good: without privileges there is no way back.
 * Linux alone has priorities of threads (setpriority(2), "C library/kernel differences"); elsewhere nothing is done.
 */
export function giveWayHere(): void {
  if (process.platform !== "linux") return;
  const thread = readlinkSync("/proc/thread-self").split("/").at(-1);
  giveWay(Number(thread));
}

/**
 * The same for every thread of this process but the main one, those that decompress for Node among them: for a process that
 * does nothing but what gives way. Programs it starts are not affected: they are started by the main thread.
 */
export function giveWayBesideMain(): void {
  if (process.platform !== "linux") return;
  for (const thread of readdirSync("/proc/self/task")) if (Number(thread) !== process.pid) giveWay(Number(thread));
}

function giveWay(thread: number): void {
  try {
    setPriority(thread, Math.min(getPriority(process.pid) + NICER, NICEST));
  } catch {
    // The thread has ended, or the system keeps its priorities to itself: pg_dump is slower then, no more.
  }
}
