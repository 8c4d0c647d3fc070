import { readdirSync, readFileSync } from "node:fs";

/** What every process on this machine showed of itself while it was watched. */
export interface Watched {
  /** Command lines, as `ps` shows them to everybody. */
  readonly commandLines: ReadonlySet<string>;
  /** Environments of PostgreSQL's client programs, as their own user and root can read them. */
  readonly environments: ReadonlySet<string>;
}

/** Looks at /proc until it is told to stop, about every ten milliseconds. Linux only. */
export function watchProcesses(): { stop(): Watched } {
  const commandLines = new Set<string>();
  const environments = new Set<string>();
  const look = (): void => {
    for (const name of readdirSync("/proc")) {
      if (!/^\d+$/.test(name)) continue;
      const line = readOf(name, "cmdline");
      commandLines.add(line);
      if (/pg_dump|pg_restore|psql/.test(line)) environments.add(readOf(name, "environ"));
    }
  };
  const timer = setInterval(look, 10);
  return {
    stop() {
      clearInterval(timer);
      return { commandLines, environments };
    },
  };
}

/** Empty where the process has gone meanwhile or is not ours to read. */
function readOf(pid: string, file: "cmdline" | "environ"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").replaceAll("\0", " ");
  } catch {
    return "";
  }
}
