import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { listDataTables } from "../../electron/postgres/catalog.ts";
import { connect, withSession } from "../../electron/postgres/connect.ts";
import { type CopySample, watchCopyProgress } from "../../electron/postgres/copy-progress.ts";
import { estimateTables } from "../../electron/postgres/table-estimates.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";

const majors = availableMajors();
const chosen = [...new Set([majors[0], majors.at(-1)])].filter((major) => major !== undefined);
const run = requirement("a PostgreSQL server", chosen.length > 0, serversRemedy);

describe.skipIf(run !== "run").each(chosen)(`progress and estimates on PostgreSQL %i (${run})`, (major) => {
  let server: TestServer;

  beforeAll(async () => {
    server = await startServer(major);
    await server.run(
      `create table "Odd; table" as select i, repeat('x', 40) as t from generate_series(1, 200000) i;
       create table media as select i, decode(repeat(md5(i::text), 400), 'hex') as b from generate_series(1, 2000) i;
       create table fresh as select i from generate_series(1, 30000) i;
       create table empty (id int); create table shut as select i from generate_series(1, 30000) i;
       analyze "Odd; table"; analyze media`,
    );
  });
  afterAll(() => server?.stop());

  test("estimates come near what COPY writes, also for wide columns and tables never analysed", async () => {
    const locker = await connect(server.target(), null);
    await locker.query("begin");
    await locker.query("lock table shut in access exclusive mode");
    const started = Date.now();
    const [tables, estimates] = await withSession(server.target(), null, {}, async (session) => {
      const list = await listDataTables(session);
      const estimated = await estimateTables(session, list);
      // The session is left as it was.
      expect(await session.query("show lock_timeout")).toEqual([{ lock_timeout: "0" }]);
      return [list, estimated] as const;
    });
    expect(Date.now() - started).toBeLessThan(3000);
    await locker.close();

    const of = (name: string) => estimates.get(tables.find((table) => table.name === name)!.oid)!;
    const ratio = async (name: string) => {
      const written = Number(await server.value(`select sum(octet_length((x.*)::text)) from "${name}" x`));
      return of(name).bytes / written;
    };
    expect(estimates.size).toBe(5);
    expect(await ratio("Odd; table")).toBeCloseTo(1, 1);
    expect(await ratio("media")).toBeCloseTo(1, 1);
    expect(await ratio("fresh")).toBeCloseTo(1, 1);
    expect(of("Odd; table").rows / 200_000).toBeCloseTo(1, 1);
    expect(of("empty")).toEqual({ rows: 0, bytes: 0 });
    const shut = tables.find(({ name }) => name === "shut");
    expect(of("shut").bytes).toBe(Math.round(shut!.sizeBytes * 0.85));
  });

  test("a COPY is seen while it runs, by name, and stopping ends the watch at once", async () => {
    const samples: CopySample[] = [];
    const watch = await watchCopyProgress(server.target(), null, "lifeboat:test", (sample) => samples.push(sample), 20);
    const worker = await connect(server.target(), null, { applicationName: "lifeboat:test" });
    // A COPY that takes long enough to be looked at, without sending data to a driver that expects none.
    const copying = worker.query(
      `copy (select 1) to program 'cat >/dev/null'`
        .replace("(select 1)", `"Odd; table"`)
        .replace("cat", "sleep 0.5; cat"),
    );
    await copying;
    await sleep(100);
    const started = Date.now();
    await watch.stop();
    expect(Date.now() - started).toBeLessThan(1000);
    const count = samples.length;
    await sleep(100);
    expect(samples).toHaveLength(count);

    const busy = samples.find((sample) => sample.activity?.includes("copy"));
    expect(busy).toBeDefined();
    const copies = samples.flatMap((sample) => sample.copies);
    const seen = copies.map(({ relation, pid }) => `${relation} ${pid}`);
    expect(new Set(seen)).toEqual(new Set(major >= 14 ? [`public."Odd; table" ${worker.backendPid}`] : []));
    await worker.close();
  });

  test("waiting for a lock is said", async () => {
    const locker = await connect(server.target(), null);
    await locker.query("begin");
    await locker.query("lock table fresh in access exclusive mode");
    const activities: (string | null)[] = [];
    const watch = await watchCopyProgress(
      server.target(),
      null,
      "waiter",
      ({ activity }) => activities.push(activity),
      20,
    );
    const waiter = await connect(server.target(), null, { applicationName: "waiter" });
    const waiting = waiter.query("select count(*) from fresh");
    await expect.poll(() => activities.at(-1)).toMatch(/^waiting for a lock \(relation\): select count/);
    await locker.close();
    await waiting;
    await watch.stop();
    await waiter.close();
  });

  test("a server that is not there is no error, and stopping still works", async () => {
    const target = { ...server.target(), hosts: [{ host: "127.0.0.1", port: 1 }] };
    const watch = await watchCopyProgress(target, null, "x", () => {}, 20);
    await sleep(50);
    const started = Date.now();
    await watch.stop();
    expect(Date.now() - started).toBeLessThan(1000);
  });
});
