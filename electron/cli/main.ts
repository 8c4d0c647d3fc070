import { commandTable } from "./command-table.ts";
import { createOutput } from "./output.ts";
import { buildProgram, type Invocation, invokedName, isQuietEnd } from "./program.ts";
import { cancelledByPerson, documentFailure, reportFailure } from "./report-failure.ts";
import { openSession } from "./session.ts";

/** Runs one command line and leaves its exit code in process.exitCode; the process then ends by itself. */
export async function main(argv: readonly string[], table = commandTable): Promise<void> {
  const out = createOutput(process, { json: asksForJson(argv), env: process.env });
  const session = openSession(out);
  const invocation: Invocation = { command: null, exitCode: null };
  try {
    const invoked = invokedName(argv);
    const program = await buildProgram(session.cli, invocation, (name) => name === invoked, table);
    await program.parseAsync(argv, { from: "user" });
    // A code the action returned stands: work that was done before the signal came is done.
    process.exitCode = invocation.exitCode ?? (session.interrupted() ? 130 : 0);
    if (process.exitCode === 130) documentFailure(cancelledByPerson, out);
  } catch (thrown) {
    if (isQuietEnd(thrown)) process.exitCode = thrown.exitCode === 0 ? 0 : 2;
    else process.exitCode = reportFailure(thrown, out, { invocation, interrupted: session.interrupted() });
  } finally {
    await out.flush();
    await session.close();
  }
}

/** --json anywhere before `--`: usage errors are JSON too, and they are found before options are parsed. */
function asksForJson(argv: readonly string[]): boolean {
  const end = argv.indexOf("--");
  return (end === -1 ? argv : argv.slice(0, end)).includes("--json");
}
