import { createElement, type ReactNode } from "react";
import { describe, expect, it } from "vitest";
import { createClient } from "../../../renderer/client/client.ts";
import { ClientContext } from "../../../renderer/client/client-context.ts";
import { useChecks } from "../../../renderer/features/backups/use-checks.ts";
import { useJobs } from "../../../renderer/stores/jobs.ts";
import type { Job } from "../../../shared/job/job.ts";
import { runHook } from "../../helpers/run-hook.ts";
import { createFakeTransport } from "./fake-transport.ts";
import { makeJob } from "./make-job.ts";

const path = "/backups/shop/shop.dump";

/** The hook, begun when these jobs are known, and how often it has asked for the checks. */
async function begin(jobs: readonly Job[]) {
  const transport = createFakeTransport();
  const client = createClient(transport);
  const provide = (child: ReactNode) => createElement(ClientContext.Provider, { value: client }, child);
  const known = await runHook(() => useJobs(), provide);
  const { id } = transport.last("subscribe");
  await known.after(() => transport.receive({ kind: "snapshot", id, seq: 0, value: jobs }));
  const ran = await runHook(() => useChecks(path), provide);
  let seq = 0;
  return {
    asked: () =>
      transport.sent.filter((message) => message.kind === "invoke" && message.method === "backups.checks").length,
    tell: (changed: Job) => {
      seq += 1;
      return ran.after(() => transport.receive({ kind: "delta", id, seq, value: { changed } }));
    },
    end: async () => {
      await known.end();
      await ran.end();
    },
  };
}

const verify = (id: string, rest: Partial<Job>) => makeJob(id, { kind: "verify", request: { path }, ...rest });

describe("the checks of a backup", () => {
  it("are asked for again when a verification ends that ran before anybody looked", async () => {
    const { asked, tell, end } = await begin([verify("2", { state: "running" }), verify("1", {})]);
    expect(asked()).toBe(1);
    await tell(verify("2", { state: "running" }));
    expect(asked()).toBe(1);
    await tell(verify("2", { endedAt: "2026-11-22T02:00:00Z" }));
    expect(asked()).toBe(2);
    await end();
  });

  it("are not asked for again where the verification had ended before, or comes to no verdict", async () => {
    const { asked, tell, end } = await begin([verify("1", {})]);
    await tell(verify("1", { title: "the same, told again" }));
    await tell(verify("2", { state: "running" }));
    await tell(verify("2", { state: "cancelled" }));
    expect(asked()).toBe(1);
    await end();
  });
});
