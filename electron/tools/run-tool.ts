import type { ChildProcess } from "node:child_process";
import { Socket } from "node:net";
import { isAbsolute } from "node:path";
import { performance } from "node:perf_hooks";
import { getDefaultHighWaterMark, pipeline, Readable, setDefaultHighWaterMark, type Writable } from "node:stream";
import { isMainThread } from "node:worker_threads";
import { execa } from "execa";
import { classifyToolOutput, type ToolEvent, type ToolPhase } from "../../shared/error/classify.ts";
import type { Secret } from "../secrets/secret.ts";
import { BoundedLines, LineSplitter } from "./output-lines.ts";
import { guardScript, ProcessGuard } from "./process-guard.ts";

/** The one door to child processes. */

export interface ToolRequest {
  /** Absolute; nothing is looked up in PATH. */
  readonly path: string;
  readonly args: readonly string[];
  /** The child's whole environment: nothing of ours is added. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /**
   * Bytes for its stdin. A tool may end before it has read all of them; then, and when they fail, the stream is destroyed.
   * Whether they came to their end is for whoever made the stream to know.
   */
  readonly stdin?: "ignore" | Readable | undefined;
  /** Written to its file descriptor 3, where gpg takes a passphrase: argv and environment are for all to see. Not on Windows. */
  readonly secret?: Secret | undefined;
  /** "stream": bytes, with backpressure, in ToolRun.stdout; a function takes lines; "ignore": /dev/null. */
  readonly stdout: "stream" | "ignore" | ((line: string) => void);
  readonly onStderrLine?: ((line: string) => void) | undefined;
  /** Aborting it is a cancel. */
  readonly signal?: AbortSignal | undefined;
  /** Ends the tool when it wrote nothing for so long, while somebody was there to read. */
  readonly stallMs?: number | undefined;
  /** Ends the tool after this time whatever it does. */
  readonly limitMs?: number | undefined;
  /** Which of the error rules apply to its output. */
  readonly phase: ToolPhase;
  readonly onSpawn?: ((pid: number) => void) | undefined;
}

export interface ToolRun {
  /** Process id, and the id of its process group; 0 where it did not start. */
  readonly pid: number;
  /**
   * Paused: read it with `for await`, pipeline() or pipe(), or destroy it. `exit` waits until it was read. When the tool
   * is cancelled it closes without its end, so a reader sees a premature close.
   */
  readonly stdout: Readable | null;
  /** Never rejects. Resolves when the process has ended and its output is closed. */
  readonly exit: Promise<ToolExit>;
}

export type ToolOutcome = "exited" | "cancelled" | "stalled" | "timedOut" | "notStarted";

export interface ToolExit {
  readonly exitCode: number | null;
  readonly signal: string | null;
  /** Why it ended. Once Lifeboat has signalled it, that is the reason, whatever the exit code. */
  readonly outcome: ToolOutcome;
  /** What it wrote there, bounded (output-lines.ts); `spawn PATH CODE` where it did not start. */
  readonly stderr: string;
  /** stderr read by the rules of the request's phase. */
  readonly events: ToolEvent[];
  readonly elapsedMs: number;
}

/** Cancel: pg_dump and pg_restore cancel their queries on SIGINT; who does not listen gets less polite signals. */
const escalation = [
  { afterMs: 0, signal: "SIGINT" },
  { afterMs: 3_000, signal: "SIGTERM" },
  { afterMs: 10_000, signal: "SIGKILL" },
] as const;
/** For what a tool left behind in its group, counted from the last byte after its end. */
const leftoverTermMs = 1_000;
const leftoverKillMs = 6_000;
const leftoverGiveUpMs = 8_000;
const tickMs = 250;
const streamBufferBytes = 1024 * 1024;
const windows = process.platform === "win32";

/**
 * Starts a program without a shell, in its own process group and with umask 077, so that files it makes are private.
 * Cancel, stall and limit signal the whole group. Should this process be killed, process-guard.ts ends the group.
 */
export function runTool(request: ToolRequest): ToolRun {
  const startedAt = performance.now();
  const stderr = new BoundedLines();
  const ended = (exitCode: number | null, signal: string | null, outcome: ToolOutcome): ToolExit =>
    describeExit(exitCode, signal, outcome, stderr.text(), request.phase, performance.now() - startedAt);
  const notStarted = (outcome: ToolOutcome, reason: string): ToolRun => {
    stderr.add(reason);
    return { pid: 0, stdout: null, exit: Promise.resolve(ended(null, null, outcome)) };
  };
  if (request.signal?.aborted) return notStarted("cancelled", "");
  if (!isAbsolute(request.path)) return notStarted("notStarted", `spawn ${request.path} ENOENT`);
  // Windows would run these through cmd.exe, whose quoting cannot be made safe (CVE-2024-27980).
  if (windows && /\.(bat|cmd)$/i.test(request.path)) return notStarted("notStarted", `spawn ${request.path} EINVAL`);

  const spawned = spawnPrivately(request);
  if (spawned === null) return notStarted("notStarted", `spawn ${request.path} EINVAL`);
  const { child, settled } = spawned;
  const pid = child.pid;
  if (pid === undefined) {
    const exit = settled.then((code) => {
      stderr.add(`spawn ${request.path} ${code}`);
      return ended(null, null, "notStarted");
    });
    return { pid: 0, stdout: null, exit };
  }

  // Explicitly paused, because execa drains a stream nobody has begun to read by the next turn of the loop.
  if (request.stdout === "stream") child.stdout?.pause();
  else if (request.stdout !== "ignore") readLines(child.stdout, request.stdout);
  readLines(child.stderr, (line) => {
    stderr.add(line);
    request.onStderrLine?.(line);
  });
  // EPIPE is how a tool says that it has read enough.
  if (request.stdin instanceof Readable && child.stdin) pipeline(request.stdin, child.stdin, () => {});
  if (request.secret !== undefined) tell(child.stdio[3], request.secret);
  if (!windows) guard.watch(pid);
  request.onSpawn?.(pid);

  let reason: ToolOutcome = "exited";
  let leaderEnded = false;
  const timers: NodeJS.Timeout[] = [];
  const end = (why: ToolOutcome): void => {
    if (reason !== "exited") return;
    reason = why;
    for (const { afterMs, signal } of escalation)
      timers.push(setTimeout(() => signalGroup(child, pid, signal), afterMs));
    if (leaderEnded) child.stdout?.destroy();
  };
  const cancel = (): void => end("cancelled");
  request.signal?.addEventListener("abort", cancel, { once: true });
  if (request.limitMs !== undefined) timers.push(setTimeout(() => end("timedOut"), request.limitMs));

  const quiet = createQuietClock([child.stdout, child.stderr]);
  timers.push(
    setInterval(() => {
      const quietMs = quiet();
      if (!leaderEnded) {
        if (request.stallMs !== undefined && quietMs >= request.stallMs) end("stalled");
      } else if (quietMs >= leftoverGiveUpMs) {
        child.stdout?.destroy();
        child.stderr?.destroy();
      } else if (quietMs >= leftoverKillMs) signalGroup(child, pid, "SIGKILL");
      else if (quietMs >= leftoverTermMs) signalGroup(child, pid, "SIGTERM");
    }, tickMs),
  );
  child.once("exit", () => {
    leaderEnded = true;
    // Nobody may be reading any more, and `close` would wait for them.
    if (reason !== "exited") child.stdout?.destroy();
  });

  const exit = new Promise<ToolExit>((resolve) => {
    child.once("close", (exitCode, signal) => {
      for (const timer of timers) clearTimeout(timer);
      request.signal?.removeEventListener("abort", cancel);
      if (!windows) guard.release(pid);
      resolve(ended(exitCode, signal, reason));
    });
  });
  return { pid, stdout: request.stdout === "stream" ? child.stdout : null, exit };
}

/** @returns Node's own child, and the system's error code where there is no process; null for a NUL in an argument */
function spawnPrivately(request: ToolRequest): { child: ChildProcess; settled: Promise<string> } | null {
  // Both are settings of the whole process, changed for one synchronous call. The size of the buffers behind a child's
  // pipes cannot be given to spawn; umask is not for worker threads.
  const buffer = getDefaultHighWaterMark(false);
  const umask = isMainThread && !windows ? process.umask(0o077) : null;
  setDefaultHighWaterMark(false, streamBufferBytes);
  try {
    const subprocess = execa(request.path, [...request.args], {
      env: { ...request.env },
      extendEnv: false,
      ...(request.cwd === undefined ? {} : { cwd: request.cwd }),
      stdio: [
        request.stdin instanceof Readable ? "pipe" : "ignore",
        request.stdout === "ignore" ? "ignore" : "pipe",
        "pipe",
        ...(request.secret === undefined ? [] : ["pipe" as const]),
      ],
      buffer: false,
      encoding: "buffer",
      reject: false,
      detached: !windows,
      killDescendants: windows,
      windowsHide: true,
    });
    return { child: subprocess.nodeChildProcess, settled: subprocess.then(({ code }) => code ?? "failed") };
  } catch {
    return null;
  } finally {
    setDefaultHighWaterMark(false, buffer);
    if (umask !== null) process.umask(umask);
  }
}

function signalGroup(child: ChildProcess, pid: number, signal: NodeJS.Signals): void {
  if (windows) {
    child.kill();
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // ESRCH: the whole group has ended.
  }
}

/** The other end of descriptor 3 is a socket, which goes both ways. A tool that does not read it is none the worse. */
function tell(pipe: unknown, secret: Secret): void {
  if (!(pipe instanceof Socket)) return;
  pipe.on("error", () => {});
  pipe.end(`${secret.reveal()}\n`);
}

function readLines(stream: Readable | null, onLine: (line: string) => void): void {
  const splitter = new LineSplitter(onLine);
  stream?.on("data", (chunk: Buffer) => splitter.push(chunk));
  stream?.on("end", () => splitter.end());
}

/** How long no byte has come, in milliseconds. Bytes that wait for a slow reader count as coming. */
function createQuietClock(streams: readonly (Readable | null)[]): () => number {
  let seen = -1;
  let since = performance.now();
  return () => {
    let bytes = 0;
    let waiting = false;
    for (const stream of streams) {
      if (stream instanceof Socket) bytes += stream.bytesRead;
      waiting ||= (stream?.readableLength ?? 0) > 0;
    }
    if (bytes !== seen || waiting) {
      seen = bytes;
      since = performance.now();
    }
    return performance.now() - since;
  };
}

function describeExit(
  exitCode: number | null,
  signal: string | null,
  outcome: ToolOutcome,
  stderr: string,
  phase: ToolPhase,
  elapsedMs: number,
): ToolExit {
  let events: ToolEvent[] | null = null;
  return {
    exitCode,
    signal,
    outcome,
    stderr,
    // Read when asked for: 20 MB of verbose output need not be classified for a run that went well and is not looked at.
    get events() {
      events ??= classifyToolOutput(stderr, phase);
      return events;
    },
    elapsedMs,
  };
}

const guard = new ProcessGuard((): Writable | null => {
  const { nodeChildProcess: shell } = execa("/bin/sh", ["-s"], {
    env: { PATH: "/usr/bin:/bin" },
    extendEnv: false,
    cwd: "/",
    stdio: ["pipe", "ignore", "ignore", "pipe"],
    buffer: false,
    reject: false,
    detached: true,
    cleanup: false,
  });
  const pipe = shell.stdio[3];
  if (shell.pid === undefined || !(pipe instanceof Socket)) return null;
  shell.stdin?.on("error", () => pipe.destroy());
  shell.stdin?.end(guardScript);
  // It must not keep this process alive.
  shell.unref();
  pipe.unref();
  return pipe;
});
