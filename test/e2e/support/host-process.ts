import { spawn } from "node:child_process";
import { resolve } from "node:path";
import { createInterface } from "node:readline";

const script = resolve(import.meta.dirname, "serve.ts");
const addressPattern = /http:\/\/127\.0\.0\.1:\d+\/#code=[\w-]+/;

const { LIFEBOAT_TEST_RENDERER } = process.env;
const rendererChoice = LIFEBOAT_TEST_RENDERER === undefined ? {} : { LIFEBOAT_TEST_RENDERER };

/** The browser host as a process that can be ended in every way. */
export interface HostProcess {
  /** An address with a one-time code that nobody used yet. */
  newAddress(): Promise<string>;
  readonly port: number;
  readonly pid: number;
  end(signal: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Starts the host and waits for its first address. @param port 0 for any */
export async function startHost(env: Readonly<Record<string, string>>, port: number): Promise<HostProcess> {
  const child = spawn(process.execPath, [script, String(port)], {
    env: { PATH: process.env["PATH"] ?? "", ...rendererChoice, ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let output = "";
  const addresses: string[] = [];
  const waiting: ((address: string) => void)[] = [];
  function read(line: string): void {
    output += `${line}\n`;
    const [address] = addressPattern.exec(line) ?? [];
    if (address === undefined) return;
    const next = waiting.shift();
    if (next === undefined) addresses.push(address);
    else next(address);
  }
  createInterface({ input: child.stdout }).on("line", read);
  createInterface({ input: child.stderr }).on("line", read);
  const ended = new Promise<void>((settle) => child.once("close", () => settle()));

  function nextAddress(): Promise<string> {
    const ready = addresses.shift();
    if (ready !== undefined) return Promise.resolve(ready);
    const address = new Promise<string>((settle) => waiting.push(settle));
    const failure = ended.then(() => {
      throw new Error(`the host ended before it gave an address:\n${output}`);
    });
    return Promise.race([address, failure]);
  }

  const first = await nextAddress();
  addresses.push(first);
  return {
    port: Number(new URL(first).port),
    pid: child.pid ?? Number.NaN,
    newAddress() {
      if (addresses.length === 0) child.stdin.write("\n");
      return nextAddress();
    },
    async end(signal) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await ended;
    },
  };
}
