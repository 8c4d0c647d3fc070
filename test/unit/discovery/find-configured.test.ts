import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { createConnections } from "../../../electron/discovery/connections.ts";
import { findConfigured } from "../../../electron/discovery/find-configured.ts";
import { createFoundDatabases, type Finding } from "../../../electron/discovery/found-databases.ts";
import { locateHome } from "../../../electron/home.ts";
import { createPasswordKeeper } from "../../../electron/profiles/password-keeper.ts";
import { openProfileStore } from "../../../electron/profiles/profile-store.ts";
import { createKeptSecrets } from "../../../electron/secrets/kept-secrets.ts";
import { createMemoryStore } from "../../../electron/secrets/memory.ts";
import { Secret } from "../../../electron/secrets/secret.ts";
import { AppError } from "../../../shared/error/app-error.ts";

function setUp(files: Record<string, string>, env: Record<string, string> = {}) {
  const root = mkdtempSync(join(tmpdir(), "lifeboat-find-"));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(root, name), text);
    chmodSync(join(root, name), 0o600);
  }
  return { root, home: locateHome({ LIFEBOAT_HOME: root }), env: { HOME: root, PGSYSCONFDIR: root, ...env } };
}

async function find(look: ReturnType<typeof setUp>): Promise<Finding[]> {
  const found: Finding[] = [];
  await findConfigured(look, found);
  return found;
}

const summary = ({ source, target, service, password }: Finding) => ({
  source,
  where: `${target.hosts[0]?.host}:${target.hosts[0]?.port}`,
  database: target.database,
  user: target.user,
  service,
  password: password?.reveal() ?? null,
});

function connectionsOf(look: ReturnType<typeof setUp>, keychain = createMemoryStore()) {
  const passwords = createPasswordKeeper(look.home, createKeptSecrets(keychain));
  return createConnections({ ...look, passwords });
}

describe("databases that files and the environment name", () => {
  it("are the services, with the passwords that belong to them", async () => {
    const look = setUp({
      ".pg_service.conf":
        "# mine\n[shop]\nhost=db.example.org\ndbname=shop\nuser=backup\n\n[broken]\nnonsense\n\n[odd'name]\nhost=h\nuser=u\n",
      "pg_service.conf": "[system]\nhost=10.0.0.1\nport=5433\ndbname=wiki\nuser=w\npassword=inFile\n",
      ".pgpass": "db.example.org:5432:shop:backup:fromPgpass\n",
    });
    const services = (await find(look)).filter(({ source }) => source === "service").map(summary);
    expect(services).toEqual([
      {
        source: "service",
        where: "db.example.org:5432",
        database: "shop",
        user: "backup",
        service: "shop",
        password: "fromPgpass",
      },
      { source: "service", where: "h:5432", database: "u", user: "u", service: "odd'name", password: null },
      { source: "service", where: "10.0.0.1:5433", database: "wiki", user: "w", service: "system", password: "inFile" },
    ]);
  });

  it("are the lines of .pgpass that name something", async () => {
    const look = setUp({
      ".pgpass": [
        "# comment",
        "db:5432:*:me:any",
        "db:5432:shop:*:any",
        "db:5432:replication:me:any",
        "db:*:shop:me:one",
        "\\:\\:1:5433:wiki:me:two",
        "half:5432",
        "*:*:*:me:any",
        "",
      ].join("\n"),
    });
    expect((await find(look)).map(summary)).toEqual([
      { source: "pgpass", where: "db:5432", database: "shop", user: "me", service: null, password: "any" },
      { source: "pgpass", where: "::1:5433", database: "wiki", user: "me", service: null, password: "two" },
    ]);
    chmodSync(join(look.root, ".pgpass"), 0o644);
    expect(await find(look)).toEqual([]);
  });

  it("are DATABASE_URL, whatever PGHOST says, and libpq's own variables", async () => {
    const look = setUp(
      {},
      {
        DATABASE_URL: "postgres://app:s3cret@db.example.org/shop",
        PGHOST: "other",
        PGDATABASE: "wiki",
        PGUSER: "me",
      },
    );
    expect((await find(look)).map(summary)).toEqual([
      { source: "environment", where: "other:5432", database: "wiki", user: "me", service: null, password: null },
      {
        source: "environment",
        where: "db.example.org:5432",
        database: "shop",
        user: "app",
        service: null,
        password: "s3cret",
      },
    ]);
    expect(await find(setUp({}, { DATABASE_URL: "mysql://nope" }))).toEqual([]);
  });
});

describe("found databases", () => {
  it("keep their ids, and show no password", async () => {
    const look = setUp({}, { DATABASE_URL: "postgres://app:s3cret@db.example.org/shop" });
    const found = createFoundDatabases();
    const [first] = found.take(await find(look));
    const [again] = found.take(await find(look));
    expect(again?.id).toBe(first?.id);
    expect(JSON.stringify(first)).not.toContain("s3cret");
    expect(first).toMatchObject({ database: "shop", where: "db.example.org:5432", user: "app", source: "environment" });
    expect(() => found.get("x")).toThrow(AppError);
  });
});

describe("what becomes a profile", () => {
  it("is named after its database, once for each connection, its password in the keychain", async () => {
    const look = setUp({});
    const connections = connectionsOf(look);
    const adopt = (url: string) => connections.adopt({ kind: "url", url }, null);
    const { profile, connection } = await adopt("postgresql://me:s3cret@localhost/shop");
    expect(profile).toBe("shop");
    expect(connection.password?.reveal()).toBe("s3cret");
    expect(connection.target.profile).toBe("shop");
    expect((await adopt("postgresql://me:s3cret@localhost/shop")).profile).toBe("shop");
    expect((await adopt("postgresql://me@localhost:5433/shop")).profile).toBe("shop-2");
    expect((await adopt("postgresql://me@localhost/Odd%20;%20name")).profile).toBe("Odd-name");
    expect((await adopt("postgresql://me@localhost/%22%22")).profile).toBe("database");
    const stored = await openProfileStore(look.home).list();
    expect(stored.map(({ name, passwordSource }) => [name, passwordSource])).toEqual([
      ["database", "ask"],
      ["Odd-name", "ask"],
      ["shop", "keychain"],
      ["shop-2", "ask"],
    ]);
    expect(JSON.stringify(stored)).not.toContain("s3cret");
  });

  it("keeps the password in memory where there is no keychain, and says so by asking next time", async () => {
    const look = setUp({});
    const none = {
      ...createMemoryStore(),
      write: () => Promise.reject(new AppError("secrets.unavailable", "None here.")),
    };
    const connections = connectionsOf(look, none);
    await connections.adopt({ kind: "url", url: "postgresql://me@localhost/shop" }, new Secret("typed"));
    const [stored] = await openProfileStore(look.home).list();
    expect(stored?.passwordSource).toBe("ask");
    const again = await connections.resolve({ kind: "profile", name: "shop" }, null);
    expect(again.password?.reveal()).toBe("typed");
    expect((await connectionsOf(look).resolve({ kind: "profile", name: "shop" }, null)).password).toBeNull();
  });
});
