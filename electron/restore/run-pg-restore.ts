import type { Archive } from "../archives/archive.ts";
import { runFedTool } from "../tools/run-fed-tool.ts";
import { runTool, type ToolExit, type ToolRequest } from "../tools/run-tool.ts";
import type { RestorePlan } from "./restore-plan.ts";

/**
 * Runs pg_restore on a plan's archive. A file it opens itself. What is encrypted or lies in a bucket comes to its stdin as
 * an archive of the plan's entries alone, read and decrypted as far as they need it, and is on no disk in between; the
 * arguments then name no file.
 * @param part "list": pg_restore is only asked for the table of contents, so no data is read
 * @throws archive.*, encryption.*, storage.* where the archive cannot be read
 */
export async function runPgRestore(
  plan: RestorePlan,
  archive: Archive,
  part: "list" | "all",
  request: Omit<ToolRequest, "path" | "stdin" | "stdout"> & { readonly stdout: "ignore" | ((line: string) => void) },
): Promise<ToolExit> {
  const { path } = plan.tool;
  if (!plan.isStreamed) return runTool({ ...request, path }).exit;
  const { bytes } = await archive.excerpt(plan.entries, { signal: request.signal, headOnly: part === "list" });
  return runFedTool({ ...request, path }, bytes);
}
