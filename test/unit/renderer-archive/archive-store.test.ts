import { describe, expect, it, vi } from "vitest";
import type { Client } from "../../../renderer/client/client.ts";
import { createArchiveStore } from "../../../renderer/features/archive/archive-store.ts";
import { toggleTick } from "../../../renderer/features/archive/model/selection.ts";
import type { ArchiveView } from "../../../shared/contract/views.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import { columnsOf, shop } from "./entry-columns.ts";

function viewOf(handle: string, path: string, change: Partial<ArchiveView> = {}): ArchiveView {
  return {
    handle,
    path,
    sizeBytes: 100,
    format: "custom",
    archiveVersion: "1.14",
    compression: "gzip",
    createdAt: "2026-11-21T02:00:00",
    database: "shop",
    serverVersion: "15.18",
    databases: [],
    dumpVersion: "15.18",
    entryCount: shop.length,
    backup: null,
    ...change,
  };
}

/** A services' side that lets go of handles as told. */
function fakeServices(reopened: Partial<ArchiveView> = {}) {
  const open = new Set<string>();
  const calls: string[] = [];
  const asked: unknown[] = [];
  let opened = 0;
  const answers: Record<string, (args: { path: string; handle: string; choice: unknown }) => unknown> = {
    "archive.open"({ path }) {
      opened += 1;
      const handle = `h${opened}`;
      open.add(handle);
      return viewOf(handle, path, opened === 1 ? {} : reopened);
    },
    "archive.entries": () => columnsOf(shop),
    "archive.definition": ({ handle }) => ({ sql: handle }),
    "archive.closure"({ choice }) {
      asked.push(choice);
      return { added: [], offered: [], warnings: [] };
    },
    "archive.close"({ handle }) {
      open.delete(handle);
      return null;
    },
  };
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- only what the store uses
  const client = {
    async invoke(method: string, args: { path: string; handle: string; choice: unknown }) {
      calls.push(method);
      if (args.handle !== undefined && !open.has(args.handle)) throw new AppError("archive.notOpen", "gone");
      return answers[method]?.(args);
    },
  } as unknown as Client;
  return { client, calls, asked, letGo: () => open.clear(), open };
}

describe("the open archive", () => {
  it("is opened once, closed for another, and kept for a way back", async () => {
    const { client, calls, open } = fakeServices();
    const store = createArchiveStore(client);
    await store.open("/a.dump");
    await store.open("/a.dump");
    expect(store.getState().opened?.tree.label).toContain("table_2");
    await store.open("/b.dump");
    expect([...open]).toEqual(["h2"]);
    expect(calls.filter((method) => method === "archive.open")).toHaveLength(2);
  });

  it("is opened again where the services let go of it, once for many questions", async () => {
    const { client, calls, letGo } = fakeServices();
    const store = createArchiveStore(client);
    await store.open("/a.dump");
    letGo();
    const answers = await Promise.all([1, 2, 3].map((dumpId) => store.ask("archive.definition", { dumpId })));
    expect(answers).toEqual([{ sql: "h2" }, { sql: "h2" }, { sql: "h2" }]);
    expect(calls.filter((method) => method === "archive.open")).toHaveLength(2);
  });

  it("is not taken for another file in its place", async () => {
    const { client, letGo } = fakeServices({ sizeBytes: 999 });
    const store = createArchiveStore(client);
    await store.open("/a.dump");
    letGo();
    await expect(store.ask("archive.definition", { dumpId: 1 })).rejects.toMatchObject({ code: "archive.notOpen" });
  });

  it("asks once for what a series of ticks needs", async () => {
    vi.useFakeTimers();
    const { client, asked } = fakeServices();
    const store = createArchiveStore(client);
    await store.open("/a.dump");
    const { opened } = store.getState();
    for (const label of ["table_2", "table_10"])
      if (opened) store.select(toggleTick(opened.tree, store.getState().selection, opened.tree.label.indexOf(label)));
    await vi.runAllTimersAsync();
    expect(asked).toEqual([{ kind: "objects", dumpIds: [14, 10] }]);
    expect(store.getState().closure).not.toBeNull();
    vi.useRealTimers();
  });

  it("comes up whole where everything is wanted", async () => {
    const { client } = fakeServices();
    const store = createArchiveStore(client);
    store.openWhole("/a.dump");
    await store.open("/a.dump");
    expect(store.getState().selection.ticked[0]).toBe(store.getState().opened?.tree.leaves[0]);
  });
});
