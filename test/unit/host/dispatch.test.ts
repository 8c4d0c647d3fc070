import { describe, expect, it } from "vitest";
import { dispatch } from "../../../electron/host/dispatch.ts";
import type { ClientSession, Handlers } from "../../../electron/host/served-app.ts";
import { AppError } from "../../../shared/error/app-error.ts";

const session: ClientSession = { signal: new AbortController().signal, keep: (_key, make) => make() };

/** A table with the methods a test needs; the rest is never called. */
function table(handlers: Partial<Handlers>): { handlers: Handlers; admitPaths: null } {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a part of the table is enough here
  return { handlers: handlers as Handlers, admitPaths: null };
}

describe("dispatch", () => {
  it("hands checked arguments on and gives the value back", async () => {
    const seen: unknown[] = [];
    const app = table({
      "jobs.log": (args) => {
        seen.push(args);
        return Promise.resolve({ text: "a", nextOffset: 1 });
      },
    });
    expect(await dispatch(app, session, "jobs.log", { id: "x", offset: 0 })).toEqual({
      ok: true,
      value: { text: "a", nextOffset: 1 },
    });
    expect(seen).toEqual([{ id: "x", offset: 0 }]);
  });

  it.each(["jobs.erase", "", "__proto__", "constructor", "toString", "hasOwnProperty"])(
    "answers an unknown method with a code: %j",
    async (method) => {
      const outcome = await dispatch(table({}), session, method, {});
      expect(outcome).toMatchObject({ ok: false, error: { code: "contract.unknownMethod" } });
    },
  );

  it.each([
    ["jobs.get", null],
    ["jobs.get", undefined],
    ["jobs.get", { id: 5 }],
    ["jobs.get", { id: "a", more: true }],
    ["jobs.log", { id: "a", offset: -1 }],
    ["archive.rows", { handle: "a", dumpId: 1, offset: 0, limit: 1_000_000, where: [], search: null }],
    ["profiles.test", { profile: { name: "" } }],
  ])("refuses bad arguments of %s: %j", async (method, args) => {
    const outcome = await dispatch(table({}), session, method, args);
    expect(outcome).toMatchObject({ ok: false, error: { code: "contract.badArguments" } });
  });

  it("never repeats what was sent", async () => {
    const connection = { kind: "url", url: 5, password: "hunter2" };
    const outcome = await dispatch(table({}), session, "databases.list", { connection, password: ["hunter2"] });
    expect(outcome.ok).toBe(false);
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });

  it("turns what a handler throws, at once or later, into a value", async () => {
    const app = table({
      "jobs.get": () => Promise.reject(new AppError("job.notFound", "There is no job x.")),
      "jobs.cancel": () => {
        throw new TypeError("x is not a function");
      },
    });
    expect(await dispatch(app, session, "jobs.get", { id: "x" })).toMatchObject({ error: { code: "job.notFound" } });
    expect(await dispatch(app, session, "jobs.cancel", { id: "x" })).toMatchObject({
      error: { code: "internal.unexpected", detail: "x is not a function" },
    });
  });
});
