import { PassThrough } from "node:stream";
import { AppError } from "../../shared/error/app-error.ts";
import { failureOf } from "../../shared/error/classify.ts";
import { locateGpg } from "../tools/locate-gpg.ts";
import { readPieces } from "../tools/read-pieces.ts";
import { runTool, type ToolExit } from "../tools/run-tool.ts";
import type { ByteSink } from "./encrypting-sink.ts";
import { readGpgStatus, wordsOf } from "./gpg-status.ts";

/** Encrypts what is written to it by a program, which has to be ended. Without `end()` the file it makes is not whole. */
export interface GpgSink extends ByteSink {
  /** Writes the rest; nothing may be written afterwards. */
  end(): Promise<void>;
  /** Nothing is known of how a gpg file begins. */
  readonly start?: never;
  /** For any way out but end(). */
  discard(): Promise<void>;
}

/** As much as waits for gpg before whoever writes has to. */
const waitingBytes = 1024 * 1024;

/**
 * Encrypts what is written to it with the user's gpg, for keys of their keyring. Neither signed nor compressed: what
 * comes is compressed already. Without `end()` what it wrote is not whole.
 * @param fingerprints of resolveGpgRecipient; whose they are was asked there
 * @throws tool.missing; from write() and end(): what the sink throws, encryption.badRecipient, tool.*
 */
export async function openGpgSink(
  sink: ByteSink,
  fingerprints: readonly string[],
  env: NodeJS.ProcessEnv,
): Promise<GpgSink> {
  const gpg = await locateGpg(env);
  const giveUp = new AbortController();
  const input = new PassThrough({ highWaterMark: waitingBytes });
  // A gpg that has ended destroys it; its exit tells why.
  input.on("error", () => {});
  const recipients = fingerprints.flatMap((fingerprint) => ["--recipient", fingerprint]);
  const options = ["--batch", "--no-tty", "--status-fd", "2", "--trust-model", "always", "--no-armor", "-z", "0"];
  const run = runTool({
    path: gpg.path,
    args: [...options, ...recipients, "--encrypt"],
    env: gpg.env,
    stdin: input,
    stdout: "stream",
    signal: giveUp.signal,
    phase: "local",
  });

  async function pass(): Promise<void> {
    const failures: unknown[] = [];
    try {
      for await (const bytes of readPieces(run.stdout)) {
        await sink.write(bytes).catch((error: unknown) => {
          failures.push(error);
          giveUp.abort();
        });
      }
    } catch {
      // A gpg that was ended closes its output early; its exit tells why.
    }
    const exit = await run.exit;
    if (failures.length > 0) throw failures[0];
    insistOnEncrypted(exit);
  }

  const over = pass();
  // Told by write() or end().
  over.catch(() => {});

  return {
    async write(bytes) {
      if (!input.destroyed && !input.write(bytes)) await hasRoom(input);
      if (input.destroyed) await over;
    },
    async end() {
      input.end();
      await over;
    },
    async discard() {
      giveUp.abort();
      input.destroy();
      await over.catch(() => {});
    },
  };
}

/** Resolves when it takes more, or never will. */
function hasRoom(input: PassThrough): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      input.off("drain", go);
      input.off("close", go);
      resolve();
    };
    input.on("drain", go);
    input.on("close", go);
  });
}

function insistOnEncrypted(exit: ToolExit): void {
  if (exit.outcome !== "exited" || exit.exitCode === null) throw failureOf("gpg", exit, "local");
  const status = readGpgStatus(exit.stderr);
  if (exit.exitCode === 0 && status.has("END_ENCRYPTION")) return;
  const refused = status.all("INV_RECP").map((text) => text.split(" ").slice(1).join(" "));
  const detail = wordsOf(exit.stderr);
  if (refused.length > 0)
    throw new AppError("encryption.badRecipient", `gpg does not encrypt for ${refused.join(", ")}.`, { detail });
  throw new AppError("tool.failed", "gpg did not encrypt the backup.", { detail });
}
