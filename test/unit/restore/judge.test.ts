import { describe, expect, it } from "vitest";
import { readDependencyGraph } from "../../../shared/archive/dependency-graph.ts";
import { classifyToolOutput } from "../../../shared/error/classify.ts";
import { judgeRestore } from "../../../shared/restore/judge.ts";
import { shopToc } from "../../helpers/toc-fixtures.ts";

const graph = readDependencyGraph(shopToc());
const orders = 222;
const entries = [922, orders, 3555, 3585];

function judge(stderr: string, exitCode: number) {
  const exit = {
    exitCode,
    signal: null,
    outcome: "exited",
    stderr,
    events: classifyToolOutput(stderr, "restore"),
  } as const;
  return judgeRestore(exit, graph, entries, [orders]);
}

// All of pg_restore 15.18.
const ownerMissing = `pg_restore: creating TABLE "public.orders"
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 222; 1259 16511 TABLE orders shop_app
pg_restore: error: could not execute query: ERROR:  role "shop_app" does not exist
Command was: ALTER TABLE public.orders OWNER TO shop_app;

`;
const tableThere = `pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 222; 1259 16511 TABLE orders shop_app
pg_restore: error: could not execute query: ERROR:  relation "orders" already exists
Command was: CREATE TABLE public.orders (
    id bigint NOT NULL
);


`;
const unknownSetting = `pg_restore: while INITIALIZING:
pg_restore: error: could not execute query: ERROR:  unrecognized configuration parameter "transaction_timeout"
Command was: SET transaction_timeout = 0;
`;
const ignored = "pg_restore: warning: errors ignored on restore: 1\n";

describe("the verdict on a run of pg_restore", () => {
  it.each([
    ["exit code 0", "", 0, "succeeded", []],
    ["a harmless error alone", unknownSetting + ignored, 1, "succeeded", []],
    ["a missing owner: the table is there", ownerMissing + ignored, 1, "finishedWithErrors", ["TABLE orders"]],
    ["the chosen table itself did not come", tableThere + ignored, 1, "failed", ["TABLE orders"]],
    ["pg_restore gave up in the middle", ownerMissing, 1, "failed", ["TABLE orders"]],
    [
      "the server went away",
      "pg_restore: error: could not execute query: server closed the connection unexpectedly\n",
      1,
      "failed",
      [" "],
    ],
    ["a second error on the same entry", ownerMissing + tableThere + ignored, 1, "failed", ["TABLE orders"]],
  ])("%s", (_, stderr, exitCode, state, failed) => {
    const judgement = judge(stderr, exitCode);
    expect(judgement.state).toBe(state);
    expect(judgement.failed.map(({ desc, name }) => `${desc} ${name}`)).toEqual(failed);
  });

  it("names the reason in the server's words, with what to do", () => {
    const [failure] = judge(ownerMissing + ignored, 1).failed;
    expect(failure).toMatchObject({ dumpId: orders, reason: 'role "shop_app" does not exist', objectIsThere: true });
    expect(failure?.remedy).toContain("create the role");
    expect(judge(unknownSetting + ignored, 1).harmless).toHaveLength(1);
  });
});
