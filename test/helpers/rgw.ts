import { execFile, execFileSync, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { freePort } from "./free-port.ts";

/** A real S3 server of a test's own: Ceph's RADOS gateway on a loopback port, everything in memory. */
export interface TestRgw {
  readonly endpoint: string;
  readonly port: number;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** The environment that any AWS client takes it from. */
  readonly env: Readonly<Record<string, string>>;
  /** Runs `radosgw-admin` on it. */
  admin(...args: string[]): Promise<string>;
  /** Ends all of it and removes everything. */
  stop(): Promise<void>;
}

export const rgwRemedy = "apt-get install --no-install-recommends ceph-mon ceph-osd radosgw ceph-common";

/** Whether Ceph's programs are here. */
export function hasRgw(): boolean {
  try {
    execFileSync("/bin/sh", ["-c", "command -v ceph-mon ceph-osd radosgw radosgw-admin ceph monmaptool"], {
      stdio: "ignore",
    });
    return true;
  } catch {
    return false;
  }
}

const run = promisify(execFile);

/**
 * Starts it in about eleven seconds: a monitor, an object store daemon in memory and the gateway. It ends when stop() is
 * called, and also when this process ends in whatever way: a guard process outside waits for that.
 */
export async function startRgw(): Promise<TestRgw> {
  const folder = mkdtempSync(join(tmpdir(), "lifeboat-rgw-"));
  const conf = join(folder, "ceph.conf");
  const [monPort, port] = await Promise.all([freePort(), freePort()]);
  const fsid = randomUUID();
  for (const name of ["mon", "osd", "rgw"]) mkdirSync(join(folder, name));
  writeFileSync(conf, configuration(folder, fsid, monPort, port));
  const env = { PATH: process.env["PATH"] ?? "", HOME: folder, LC_ALL: "C" };
  const call = async (program: string, ...args: string[]): Promise<string> =>
    (await run(program, ["--conf", conf, ...args], { env, cwd: folder })).stdout;
  const guard = startGuard(folder);
  const begin = (name: string, program: string, ...args: string[]) => {
    const output = openSync(join(folder, `${name}.out`), "a");
    // A daemon that asks the monitor for its configuration forgets the fsid of its own, and where the monitor's comes late
    // the object store daemon ends with "wrong fsid": seen in every third start on a busy machine.
    const child = spawn(program, ["--conf", conf, "--no-mon-config", "--foreground", ...args], {
      env,
      cwd: folder,
      detached: true,
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    child.unref();
    // A line each: the guard reads them all together.
    writeFileSync(join(folder, `${name}.guarded`), `${child.pid}\n`);
  };
  const stop = async (): Promise<void> => {
    guard.ref();
    guard.stdin?.end();
    await new Promise<void>((resolve) => {
      if (guard.exitCode === null && guard.signalCode === null) guard.once("exit", () => resolve());
      else resolve();
    });
  };
  try {
    const monmap = join(folder, "monmap");
    await run("monmaptool", ["--create", "--addv", "a", `[v1:127.0.0.1:${monPort}]`, "--fsid", fsid, monmap], { env });
    await call("ceph-mon", "--mkfs", "--id", "a", "--monmap", monmap);
    begin("mon", "ceph-mon", "--id", "a");
    const osd = randomUUID();
    await untilReady(() => call("ceph", "--connect-timeout", "20", "osd", "new", osd));
    await call("ceph-osd", "--mkfs", "--id", "0", "--osd-uuid", osd);
    begin("osd", "ceph-osd", "--id", "0");
    // The gateway itself makes the pools, so a user can only be made beside it.
    begin("rgw", "radosgw", "--name", "client.rgw");
    const accessKeyId = "LIFEBOATTESTKEY";
    const secretAccessKey = randomUUID().replaceAll("-", "");
    const endpoint = `http://127.0.0.1:${port}`;
    await answers(endpoint, folder);
    const admin = (...args: string[]) => call("radosgw-admin", "--name", "client.rgw", ...args);
    const keys = ["--access-key", accessKeyId, "--secret", secretAccessKey];
    await admin("user", "create", "--uid", "lifeboat", "--display-name", "Lifeboat", ...keys);
    return {
      endpoint,
      port,
      accessKeyId,
      secretAccessKey,
      env: {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_ENDPOINT_URL_S3: endpoint,
        AWS_REGION: "us-east-1",
        AWS_EC2_METADATA_DISABLED: "true",
      },
      admin,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** What works for Ceph 16.2 on one machine without root services; every value here was needed. */
function configuration(folder: string, fsid: string, monPort: number, port: number): string {
  return `[global]
fsid = ${fsid}
mon_host = [v1:127.0.0.1:${monPort}]
public_addr = 127.0.0.1
auth_cluster_required = none
auth_service_required = none
auth_client_required = none
ms_bind_msgr2 = false
osd_pool_default_size = 1
osd_pool_default_min_size = 1
osd_pool_default_pg_num = 1
osd_pool_default_pgp_num = 1
osd_pool_default_pg_autoscale_mode = off
osd_crush_chooseleaf_type = 0
mon_allow_pool_size_one = true
mon_max_pg_per_osd = 1000
run_dir = ${folder}
pid_file = ${folder}/$name.pid
admin_socket = ${folder}/$name.asok
log_file = ${folder}/$name.log
keyring = ${folder}/keyring
[mon]
mon_data = ${folder}/mon
mon_data_avail_warn = 1
mon_data_avail_crit = 1
[osd]
osd_data = ${folder}/osd
osd_objectstore = memstore
memstore_device_bytes = 8589934592
[client.rgw]
rgw_data = ${folder}/rgw
rgw_frontends = beast endpoint=127.0.0.1:${port}
rgw_thread_pool_size = 64
`;
}

function logTails(folder: string): string {
  const logs = readdirSync(folder).filter((name) => name.endsWith(".log") || name.endsWith(".out"));
  return logs.map((name) => `${name}: ${readFileSync(join(folder, name), "utf8").slice(-1500)}`).join("\n");
}

/** A monitor refuses with EPERM for a moment, until it has elected itself. */
async function untilReady(ask: () => Promise<unknown>): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- waiting is the point
      await ask();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      // oxlint-disable-next-line no-await-in-loop
      await sleep(200);
    }
  }
}

async function answers(endpoint: string, folder: string): Promise<void> {
  const deadline = Date.now() + 45_000;
  for (;;) {
    const isUp = await fetch(endpoint).then(
      () => true,
      () => false,
    );
    if (isUp) return;
    if (Date.now() > deadline) throw new Error(`the gateway does not answer:\n${logTails(folder)}`);
    // oxlint-disable-next-line no-await-in-loop -- waiting is the point
    await sleep(100);
  }
}

/** As in servers.ts: a shell that waits for the end of its input, however we end; the memory store needs SIGKILL. */
function startGuard(folder: string) {
  const script = `
    cat >/dev/null
    pids=$(cat "$1"/*.guarded 2>/dev/null)
    kill -TERM $(cat "$1"/rgw.guarded) 2>/dev/null
    sleep 0.3
    kill -KILL $pids 2>/dev/null
    sleep 0.2
    rm -rf "$1"`;
  const guard = spawn("/bin/sh", ["-c", script, "sh", folder], {
    cwd: "/",
    detached: true,
    stdio: ["pipe", "ignore", "ignore"],
  });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}
