import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { type Home, locateHome } from "../../electron/home.ts";
import { type Session, withSession } from "../../electron/postgres/connect.ts";
import { findPostmaster } from "../../electron/postgres/sample/postmaster.ts";
import {
  type RunningSample,
  resetSample,
  type SamplePhase,
  sampleStatus,
  startSample,
  stopSample,
} from "../../electron/postgres/sample/sample-server.ts";
import { findPackagedPrograms, findServerPrograms } from "../../electron/postgres/sample/server-programs.ts";
import { availableMajors, clientTool, requirement, serversRemedy } from "../helpers/servers.ts";

const server = requirement("a PostgreSQL server", availableMajors().length > 0, serversRemedy);
const sampleModule = join(import.meta.dirname, "../../electron/postgres/sample/sample-server.ts");
const homeModule = join(import.meta.dirname, "../../electron/home.ts");
const homes: { home: Home; folder: string }[] = [];

/** mkdtemp makes it 0700 and ours: as root, closed to the server's user. */
function newHome(below = ""): Home {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-home-"));
  const home = locateHome({ LIFEBOAT_HOME: join(folder, below) });
  homes.push({ home, folder });
  return home;
}

afterEach(async () => {
  for (const { home, folder } of homes.splice(0)) {
    await stopSample(home);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

const ask = <T>(sample: RunningSample, work: (session: Session) => Promise<T>) =>
  withSession(sample.target, sample.password, {}, work);

/** One line for every relation and sequence, and for the large objects: equal only when all their contents are. */
async function digest(sample: RunningSample): Promise<string[]> {
  return ask(sample, async (session) => {
    const tables = await session.query<{ name: string; row: string }>(
      `select oid::regclass::text as name, case relkind when 'S' then '(last_value, is_called)' else 't' end as row from pg_class
       where relkind in ('r', 'm', 'S') and relnamespace::regnamespace::text in ('public', 'analytics') order by 1`,
    );
    const lines: string[] = [];
    for (const { name, row: whole } of tables) {
      const [row] = await session.query<{ md5: string }>(
        `select count(*) || ' ' || coalesce(md5(string_agg(${whole}::text, chr(10) order by ${whole}::text)), '') as md5 from ${name} t`,
      );
      lines.push(`${name} ${row?.md5}`);
    }
    const [objects] = await session.query<{ md5: string }>(
      "select md5(string_agg(loid || ' ' || pageno || ' ' || md5(data), ',' order by loid, pageno)) as md5 from pg_largeobject",
    );
    return [...lines, `large objects ${objects?.md5}`];
  });
}

async function countOrders(sample: RunningSample): Promise<unknown> {
  const [row] = await ask(sample, (session) =>
    session.query<{ count: unknown }>("select count(*)::int as count from orders"),
  );
  return row?.count;
}

/** Starts the sample in a process of its own and gives what that printed; ended by SIGKILL at `killAt`. */
async function startElsewhere(
  home: Home,
  killAt: SamplePhase | null = null,
  wrapper: readonly string[] = [],
): Promise<{ startedNow: boolean } | null> {
  const script = `
    import { startSample } from ${JSON.stringify(sampleModule)};
    import { locateHome } from ${JSON.stringify(homeModule)};
    const sample = await startSample(locateHome(process.env), (phase) => {
      if (phase === ${JSON.stringify(killAt)}) setTimeout(() => process.kill(process.pid, "SIGKILL"), 100);
    });
    process.stdout.write(JSON.stringify({ startedNow: sample.startedNow }));`;
  const [program, ...args] = [...wrapper, process.execPath, "--input-type=module", "-e", script];
  const child = spawn(program, args, {
    env: { ...process.env, LIFEBOAT_HOME: home.root },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  await once(child, "close");
  if (killAt !== null) return null;
  const answer: { startedNow: boolean } = JSON.parse(text);
  return answer;
}

describe.skipIf(server !== "run")(`the sample: ${server}`, () => {
  it("is made, started and filled under a home that only we can enter, and psql takes its URL", async () => {
    const home = newHome();
    const phases: string[] = [];
    expect(await sampleStatus(home)).toMatchObject({ state: "absent", url: null });
    const sample = await startSample(home, (phase) => phases.push(phase));
    expect(phases).toEqual(["initdb", "start", "load"]);
    expect(sample.startedNow).toBe(true);
    expect(await sampleStatus(home)).toMatchObject({ state: "running", url: sample.url, version: sample.version });
    expect(statSync(home.root).mode & 0o777).toBe(0o700);

    const [counts] = await ask(sample, (session) =>
      session.query(`select (select count(*)::int from orders) as orders, (select count(*)::int from order_lines) as lines,
        (select count(*)::int from customers) as customers, (select count(*)::int from products) as products,
        (select count(*)::int from order_events_2025_12) as partition, (select count(*)::int from analytics.monthly_sales) as sales,
        (select count(*)::int from "Odd; name") as odd, (select count(*)::int from pg_largeobject_metadata) as objects,
        (select count(*)::int from orders o where total <> (select sum(amount) from order_lines l where l.order_id = o.order_id)) as wrong_totals,
        (select reltuples::int from pg_class where oid = 'orders'::regclass) as estimate, current_setting('listen_addresses') as listens`),
    );
    expect(counts).toMatchObject({ orders: 50_000, customers: 12_000, products: 600, sales: 240, odd: 6, objects: 5 });
    expect(counts).toMatchObject({ wrong_totals: 0, estimate: 50_000, listens: "" });
    expect(counts?.["lines"]).toBeGreaterThan(195_000);
    expect(counts?.["partition"]).toBeGreaterThan(5_000);

    // Nothing of the caller's environment may lead psql elsewhere.
    const env = { PATH: process.env["PATH"], PGPORT: "1", PGHOST: "nowhere.invalid", PGUSER: "nobody" };
    const psql = clientTool(15, "psql") ?? "psql";
    const said = execFileSync(psql, ["-XAtc", "select count(*) from orders", sample.url], { env, encoding: "utf8" });
    expect(said).toBe("50000\n");
  });

  it("is the same after every reset, whoever's programs run it", async () => {
    const home = newHome();
    const first = await digest(await startSample(home));
    const changed = await startSample(home);
    await ask(changed, (session) => session.query("drop table orders cascade"));
    expect(await digest(await resetSample(home))).toEqual(first);

    const packaged = await findPackagedPrograms(home);
    if (requirement("the npm-packaged server", packaged !== null, "npm ci on Linux, macOS or Windows") !== "run")
      return;
    const sample = await resetSample(home, () => {}, { programs: packaged ?? undefined });
    expect(await digest(sample)).toEqual(first);
    await stopSample(home);
    // Data stays with the programs that made it.
    const phases: string[] = [];
    await startSample(home, (phase) => phases.push(phase), { programs: await findServerPrograms(home, null) });
    expect(phases).toEqual(["start"]);
    const state: unknown = JSON.parse(readFileSync(join(home.sampleFolder, "state.json"), "utf8"));
    expect(state).toMatchObject({ programs: packaged?.folder });
  });

  it("goes on running when who started it ends, and two who start it at once share it", async () => {
    const home = newHome();
    const both = await Promise.all([startElsewhere(home), startElsewhere(home)]);
    expect(both.map((each) => each?.startedNow).toSorted((a, b) => Number(a) - Number(b))).toEqual([false, true]);
    const sample = await startSample(home);
    expect(sample.startedNow).toBe(false);
    expect(await countOrders(sample)).toBe(50_000);
    expect(await stopSample(home)).toBe(true);
    expect(await stopSample(home)).toBe(false);
    expect(await sampleStatus(home)).toMatchObject({ state: "stopped", url: null });
  });

  // As Docker gives them: root may change its user and walk everywhere, but not look into other users' processes.
  const capabilities =
    "chown,dac_override,fowner,fsetid,kill,setgid,setuid,setpcap,net_bind_service,sys_chroot,setfcap";
  it.skipIf(process.getuid?.() !== 0 || process.platform !== "linux")("starts as a container's root", async () => {
    const home = newHome();
    const allowed = `--bounding-set=-all,${capabilities.replaceAll(/(^|,)/g, "$1+")}`;
    const wrapper = ["setpriv", allowed, "--inh-caps=-all"];
    expect(await startElsewhere(home, null, wrapper)).toEqual({ startedNow: true });
    expect(await startElsewhere(home, null, wrapper)).toEqual({ startedNow: false });
  });

  it("is whole after its starter was killed while it was made or filled", async () => {
    const home = newHome();
    await startElsewhere(home, "initdb");
    expect(await sampleStatus(home)).toMatchObject({ state: "absent" });
    await startElsewhere(home, "load");
    const phases: string[] = [];
    expect(await countOrders(await startSample(home, (phase) => phases.push(phase)))).toBe(50_000);
    expect(phases).toContain("load");
  });

  it("can be stopped while it is filled, and is whole after the next start", async () => {
    const home = newHome();
    const stop = new AbortController();
    const start = startSample(home, (phase) => phase === "load" && setTimeout(() => stop.abort(), 300), {
      signal: stop.signal,
    });
    await expect(start).rejects.toMatchObject({ code: "job.cancelled" });
    expect(await countOrders(await startSample(home))).toBe(50_000);
  });

  it("starts after a crash, also when the recorded process id is now another's", async () => {
    const home = newHome();
    await startSample(home);
    const data = join(home.sampleFolder, "cluster", "data");
    const postmaster = await findPostmaster(data);
    process.kill(postmaster?.pid ?? 0, "SIGKILL");
    await expect.poll(() => findPostmaster(data)).toBeNull();
    expect(await countOrders(await startSample(home))).toBe(50_000);
    await stopSample(home);
    // As after a reboot: the number in the file is that of a living process of the same user.
    const owner = statSync(data);
    const bystander = spawn("sleep", ["60"], { uid: owner.uid, gid: owner.gid, cwd: "/" });
    try {
      writeFileSync(join(data, "postmaster.pid"), `${bystander.pid}\n${data}\n1\n5432\n\n\n\nready   \n`);
      expect(await sampleStatus(home)).toMatchObject({ state: "stopped" });
      const sample = await startSample(home);
      expect(sample.startedNow).toBe(true);
      expect(await countOrders(sample)).toBe(50_000);
    } finally {
      bystander.kill();
    }
  });

  it("lives in a folder too deep for a socket, with a name full of traps", async () => {
    const home = newHome(`it's, "$HOME" \`x\` \\ ;=%41 ü/${"deep/".repeat(20)}`);
    mkdirSync(home.root, { recursive: true });
    const sample = await startSample(home);
    expect(await countOrders(sample)).toBe(50_000);
    const socketFolder = sample.target.hosts[0]?.host ?? "";
    expect(socketFolder).not.toContain("deep");
    expect(statSync(socketFolder).mode & 0o777).toBe(0o700);
    await stopSample(home);
    // The system's cleaner took the folder away meanwhile.
    rmSync(socketFolder, { recursive: true });
    const again = await startSample(home);
    expect(await countOrders(again)).toBe(50_000);
    await stopSample(home);
    rmSync(again.target.hosts[0]?.host ?? "", { recursive: true });
    expect(existsSync(home.sampleFolder)).toBe(true);
  });
});
