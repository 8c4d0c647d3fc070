import { describe, expect, it } from "vitest";
import { readDependencyGraph } from "../../../shared/archive/dependency-graph.ts";
import { createRestoreProgress } from "../../../shared/restore/restore-progress.ts";
import { shopToc } from "../../helpers/toc-fixtures.ts";

const graph = readDependencyGraph(shopToc());
const ids = [922, 222, 3347, 3555, 3367, 3364, 3397];
const entries = graph.all.filter(({ dumpId }) => ids.includes(dumpId));

function start(counted: boolean) {
  const table = { dataId: 3555, rows: counted ? 1000 : null, rawBytes: counted ? 50_000 : null };
  return createRestoreProgress(entries, [table], (id) => graph.ownerOf(id), 0);
}

describe("progress of a restore", () => {
  it("measures bytes where they are known, with keys and indexes weighed by rows", () => {
    const progress = start(true);
    expect(progress.phase).toBeNull();
    expect(progress.current(0)).toMatchObject({ unit: "bytes", done: 0, total: 90_000, exact: false });
    progress.line('pg_restore: creating TABLE "public.orders"');
    expect(progress.phase).toBe("Creating objects");
    progress.line('pg_restore: processing data for table "public.orders"');
    progress.copying("public.orders", 20_000, 400);
    expect(progress.phase).toBe("Loading rows");
    expect(progress.current(1000)).toMatchObject({
      done: 20_000,
      current: { label: "orders", rows: 400, bytes: 20_000, totalBytes: 50_000 },
    });
    progress.line('pg_restore: creating CONSTRAINT "public.orders orders_pkey"');
    expect(progress.phase).toBe("Building keys and indexes");
    expect(progress.current(2000)).toMatchObject({ done: 50_000 });
    progress.line('pg_restore: creating INDEX "public.orders_at"');
    progress.line('pg_restore: creating TRIGGER "public.orders orders_touch"');
    progress.ended();
    expect(progress.current(3000)).toMatchObject({ done: 90_000, total: 90_000, current: null });
  });

  it("counts entries where nobody counted rows", () => {
    const progress = start(false);
    progress.line('pg_restore: creating TYPE "public.order_status"');
    progress.line('pg_restore: creating TABLE "public.orders"');
    expect(progress.current(1000)).toMatchObject({ unit: "entries", done: 1, total: 7, exact: true });
  });

  it("follows parallel jobs by their dump ids", () => {
    const progress = start(true);
    progress.line("pg_restore: launching item 3555 TABLE DATA orders");
    progress.line('pg_restore: processing data for table "public.orders"');
    progress.line("pg_restore: finished item 3555 TABLE DATA orders");
    progress.line("pg_restore: launching item 3367 CONSTRAINT orders orders_pkey");
    progress.line("pg_restore: launching item 3364 INDEX orders_at");
    expect(progress.current(1000)).toMatchObject({ done: 50_000, current: { label: "index orders_at" } });
    progress.line("pg_restore: finished item 3364 INDEX orders_at");
    expect(progress.current(2000)).toMatchObject({ done: 70_000 });
  });

  it("is not led astray by names that look like lines", () => {
    const progress = start(true);
    progress.line("pg_restore: finished item 999 TABLE DATA x");
    progress.line('pg_restore: creating TABLE "public.unknown"');
    progress.copying("public.unknown", 10 ** 9, 5);
    expect(progress.current(1000)).toMatchObject({ done: 0 });
  });
});
