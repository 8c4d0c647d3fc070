import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { connect as connectSocket } from "node:net";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { connect } from "../../electron/postgres/connect.ts";
import { testConnection } from "../../electron/profiles/test-connection.ts";
import { Secret } from "../../electron/secrets/secret.ts";
import { showHostKey, trustShownHostKey } from "../../electron/ssh/trust-host.ts";
import { prepareTunnel, useTunnel } from "../../electron/ssh/tunnels.ts";
import type { Job } from "../../shared/job/job.ts";
import type { ConnectionTarget, SshTunnel } from "../../shared/profile/profile.ts";
import { bigDatabase } from "../helpers/seed.ts";
import { availableMajors, requirement, serversRemedy, startServer, type TestServer } from "../helpers/servers.ts";
import { backupIn, openServices, restoreIn, type Services } from "../helpers/services.ts";
import { canLoginByPassword, hasSshd, sshdRemedy, startSshd, type TestSshd } from "../helpers/sshd.ts";

const major = availableMajors().includes(15) ? 15 : availableMajors().at(-1);
const run = [
  requirement("a PostgreSQL server", major !== undefined, serversRemedy),
  requirement("OpenSSH's server", hasSshd(), sshdRemedy),
].find((answer) => answer !== "run");
const byPassword = run ?? requirement("a login by password", canLoginByPassword(), "root, mount namespaces");

describe.skipIf(run !== undefined)(`a database behind SSH (${run ?? "run"})`, () => {
  let server: TestServer;
  let sshd: TestSshd;
  let services: Services;
  beforeAll(async () => {
    server = await startServer(major!, { tls: true, settings: { listen_addresses: "127.0.0.1,127.0.0.2" } });
    sshd = await startSshd(canLoginByPassword() ? { password: "let me in" } : {});
    services = await openServices();
    await server.run("create table t (id int primary key, word text)");
    await server.run("insert into t select n, 'row ' || n from generate_series(1, 5000) n");
  });
  afterAll(async () => {
    services?.close();
    await sshd?.stop();
    await server?.stop();
  });
  beforeEach(() => writeFileSync(services.home.knownHostsFile, sshd.knownHosts()));

  const tunnel = (changes: Partial<SshTunnel> = {}): SshTunnel => ({
    host: "127.0.0.1",
    port: sshd.port,
    user: sshd.user,
    authentication: "key",
    keyFile: sshd.keyFile,
    ...changes,
  });
  /** The server's address is named as the SSH server sees it; the certificate is for localhost. */
  const target = (changes: Partial<ConnectionTarget> = {}, secret: Secret | null = null): ConnectionTarget => {
    const made = { ...server.target(), tunnel: tunnel(), ...changes };
    prepareTunnel(made.tunnel, { knownHostsFile: services.home.knownHostsFile, secret: async () => secret });
    return made;
  };
  const backUp = (made: ConnectionTarget, database = "postgres"): Promise<Job> =>
    services.backUp(server, database, { target: copyOf(made), globals: true });
  const ownSessions = () =>
    server.value("select count(*) from pg_stat_activity where application_name like 'lifeboat%'");

  it("is backed up and restored, with every tool and session through the tunnel, and TLS to the name it has", async () => {
    const verified = { hosts: [{ host: "localhost", port: server.port }], sslMode: "verify-full" } as const;
    const made = target({ ...verified, sslRootCert: server.caFile });
    const job = await backUp(made);
    expect(job.error ?? null).toBeNull();
    expect(job.state).toBe("succeeded");
    const { result } = backupIn(job);
    expect(result.rows).toBe(5000);

    const restored = await services.restore(server, result.path, {
      target: copyOf(made),
      newDatabaseName: "came_back",
      jobs: 2,
    });
    expect(restored.state).toBe("succeeded");
    expect(restoreIn(restored).failed).toEqual([]);
    expect(await server.value("select count(*) from t", "came_back")).toBe("5000");
    expect(await ownSessions()).toBe("0");
  });

  it("is not taken for another name by TLS", async () => {
    await expect(
      connect(
        target({
          sslMode: "verify-full",
          sslRootCert: server.caFile,
          hosts: [{ host: "127.0.0.2", port: server.port }],
        }),
        null,
      ),
    ).rejects.toMatchObject({ code: "connection.tls" });
  });

  it("is reached by its socket's folder", async () => {
    const made = target({ hosts: [{ host: server.socketFolder, port: server.port }], sslMode: "verify-full" });
    const session = await connect(made, null);
    expect(session.encrypted).toBe(false);
    expect(await session.query("select inet_server_addr() as address")).toEqual([{ address: null }]);
    await session.close();
    expect((await backUp(made)).state).toBe("succeeded");
  });

  it("a query is cancelled at the server through the tunnel", async () => {
    const controller = new AbortController();
    const session = await connect(target(), null, { signal: controller.signal });
    const slow = session.query("select pg_sleep(60)");
    setTimeout(() => controller.abort(), 200);
    await expect(slow).rejects.toMatchObject({ code: "job.cancelled" });
    await expect
      .poll(() =>
        server.value(
          "select count(*) from pg_stat_activity where query like '%sleep(60)%' and pid <> pg_backend_pid()",
        ),
      )
      .toBe("0");
    await session.close();
  });

  it("the tunnel is shared, and closed with its last use", async () => {
    const made = target();
    const one = await useTunnel(made);
    const two = await useTunnel(made);
    expect(sshd.connections()).toBe(1);
    await one?.release();
    expect(sshd.connections()).toBe(1);
    await two?.release();
    await expect.poll(() => sshd.connections()).toBe(0);
  });

  it("a port for tools is gone with its use", async () => {
    const use = await useTunnel(target());
    const port = (await use?.openPort({ host: "127.0.0.1", port: server.port })) ?? 0;
    expect(await answers(port)).toBe(true);
    await use?.release();
    expect(await answers(port)).toBe(false);
  });

  it.skipIf(process.getuid?.() !== 0)("a port for tools turns other users away", async () => {
    const use = await useTunnel(target());
    const port = (await use?.openPort({ host: "127.0.0.1", port: server.port })) ?? 0;
    // SSLRequest; the server would answer S.
    const script = `const s = require("net").connect(${port}, "127.0.0.1", () => s.write(Buffer.from("0000000804d2162f", "hex"))); s.on("data", (d) => { console.log("answer " + d); s.destroy(); }); s.on("error", () => {}); s.on("close", () => console.log("closed"));`;
    const ask = (uid: number) =>
      new Promise<string>((resolve) => {
        const child = spawn(process.execPath, ["-e", script], { uid, stdio: ["ignore", "pipe", "ignore"], cwd: "/" });
        let said = "";
        child.stdout.on("data", (chunk) => (said += String(chunk)));
        child.on("close", () => resolve(said));
      });
    expect(await ask(0)).toBe("answer S\nclosed\n");
    expect(await ask(65_534)).toBe("closed\n");
    await use?.release();
  });

  it("a key under a passphrase is unlocked by it", async () => {
    const locked = { tunnel: tunnel({ keyFile: sshd.lockedKeyFile }) };
    await (await connect(target(locked, new Secret(sshd.passphrase)), null)).close();
    await expect(connect(target(locked), null)).rejects.toMatchObject({ code: "ssh.secretMissing" });
    await expect(connect(target(locked, new Secret("wrong")), null)).rejects.toMatchObject({
      code: "ssh.authentication",
      message: expect.stringContaining("passphrase"),
    });
  });

  it.skipIf(byPassword !== "run")(`a password is a way in (${byPassword})`, async () => {
    const password = { tunnel: tunnel({ authentication: "password", keyFile: null }) };
    await (await connect(target(password, new Secret("let me in")), null)).close();
    await expect(connect(target(password, new Secret("wrong")), null)).rejects.toMatchObject({
      code: "ssh.authentication",
    });
  });

  it("the wrong key is not let in", async () => {
    await expect(connect(target({ tunnel: tunnel({ keyFile: sshd.strangerKeyFile }) }), null)).rejects.toMatchObject({
      code: "ssh.authentication",
      message: `127.0.0.1:${sshd.port} does not let ${sshd.user} in.`,
    });
  });

  it("what lies behind the SSH server is told as it sees it", async () => {
    const at = (host: string, port: number) => connect(target({ hosts: [{ host, port }] }), null);
    await expect(at("127.0.0.1", 1)).rejects.toMatchObject({ code: "connection.refused" });
    await expect(at("no-such-host.invalid", 5432)).rejects.toMatchObject({ code: "connection.hostNotFound" });
    await expect(connect(target({ tunnel: tunnel({ port: 1 }) }), null)).rejects.toMatchObject({
      code: "ssh.unreachable",
    });
    await expect(connect(target({ tunnel: tunnel({ host: "no-such-host.invalid" }) }), null)).rejects.toMatchObject({
      code: "ssh.hostNotFound",
    });
  });

  it("an unknown host is not talked to until its key is trusted; Lifeboat's own file takes it", async () => {
    const file = services.home.knownHostsFile;
    rmSync(file);
    const made = target();
    await expect(connect(made, null)).rejects.toMatchObject({
      code: "ssh.hostKeyUnknown",
      message: expect.stringContaining(sshd.fingerprint()),
    });
    const shown = await showHostKey(made.tunnel!, file, new AbortController().signal);
    expect(shown).toMatchObject({ fingerprint: sshd.fingerprint(), isTrusted: false, keyType: "ssh-ed25519" });
    expect(existsSync(file)).toBe(false);
    await expect(
      trustShownHostKey(made.tunnel!, `SHA256:${"A".repeat(43)}`, file, new AbortController().signal),
    ).rejects.toMatchObject({ code: "ssh.hostKeyChanged" });
    await trustShownHostKey(made.tunnel!, shown.fingerprint, file, new AbortController().signal);
    await (await connect(made, null)).close();
  });

  it("a revoked key stops everything, also one that is trusted elsewhere", async () => {
    appendFileSync(services.home.knownHostsFile, `@revoked ${sshd.knownHosts()}`);
    await expect(connect(target(), null)).rejects.toMatchObject({ code: "ssh.hostKeyRevoked" });
  });

  it("a test names the step that fails", async () => {
    expect(await testSteps(target())).toEqual(
      [
        "SSH name",
        "SSH port",
        "SSH host key",
        "SSH login",
        "name",
        "port",
        "TLS",
        "login",
        "database",
        "privileges",
      ].map((step) => `${step} ok`),
    );
    expect((await testSteps(target({ tunnel: tunnel({ keyFile: sshd.strangerKeyFile }) }))).slice(2, 5)).toEqual([
      "SSH host key ok",
      "SSH login failed",
      "name skipped",
    ]);
    expect(await testSteps(target({ hosts: [{ host: "127.0.0.1", port: 1 }] }))).toContain("port failed");
    rmSync(services.home.knownHostsFile);
    expect(await testSteps(target())).toContain("SSH host key failed");
  });

  it("a server killed midway fails the backup clearly, and nothing is left", async () => {
    const big = await bigDatabase(server, 60);
    const made = target();
    const running = backUp(made, big);
    await expect
      .poll(() => server.value("select count(*) from pg_stat_activity where application_name like 'lifeboat:%'"), {
        timeout: 20_000,
        interval: 20,
      })
      .not.toBe("0");
    sshd.halt();
    const job = await running;
    await sshd.resume();
    expect(job.state).toBe("failed");
    expect(job.error).toMatchObject({ code: "ssh.lost" });
    const left = readdirSync(services.home.root, { recursive: true, encoding: "utf8" });
    expect(left.filter((name) => /partial|pgpass/.test(name) || name.endsWith(`${big}.dump`))).toEqual([]);
    await expect.poll(ownSessions, { timeout: 10_000 }).toBe("0");
  });

  it("a changed host key is a hard stop, also for trusting it", async () => {
    await sshd.changeHostKeys();
    const made = target();
    await expect(connect(made, null)).rejects.toMatchObject({
      code: "ssh.hostKeyChanged",
      detail: expect.stringContaining(`Another key is known by ${services.home.knownHostsFile}, line 1`),
    });
    const file = services.home.knownHostsFile;
    await expect(showHostKey(tunnel(), file, new AbortController().signal)).rejects.toMatchObject({
      code: "ssh.hostKeyChanged",
    });
  });
});

function connectionTo(target: ConnectionTarget) {
  return { target, password: null, passwordFrom: "none", warnings: [] };
}

/** What a test of a connection says, a line a step. */
async function testSteps(target: ConnectionTarget): Promise<string[]> {
  const test = await testConnection(async () => connectionTo(target), new AbortController().signal);
  return test.steps.map(({ step, state }) => `${step} ${state}`);
}

/** As a request holds it: lists that may be written to. */
function copyOf(target: ConnectionTarget) {
  return { ...target, hosts: target.hosts.map((host) => ({ ...host })) };
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connectSocket(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    });
    socket.on("error", () => resolve(false));
  });
}
