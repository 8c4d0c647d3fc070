import { describe, expect, test } from "vitest";
import { parseConninfo } from "../../../shared/profile/conninfo.ts";
import { readEnvironment } from "../../../shared/profile/environment.ts";
import { findService } from "../../../shared/profile/service-file.ts";
import { buildTarget, formatTarget, mergeParameters } from "../../../shared/profile/target.ts";
import { parseConnectionUrl } from "../../../shared/profile/url.ts";

const defaults = { host: "/tmp", user: "me" };
const target = (text: string) => buildTarget(parseConninfo(text), defaults).target;

describe("targets", () => {
  test("libpq's defaults", () => {
    expect(buildTarget({}, defaults)).toEqual({
      target: {
        hosts: [{ host: "/tmp", port: 5432 }],
        database: "me",
        user: "me",
        sslMode: "prefer",
        sslRootCert: null,
        sslCert: null,
        sslKey: null,
        connectTimeoutSeconds: 15,
        options: null,
        targetSessionAttrs: "any",
        environment: "development",
        profile: null,
      },
      warnings: [],
    });
    expect(target("user=else").database).toBe("else");
  });

  test("hosts and ports are paired", () => {
    expect(target("host=a,b port=6000").hosts).toEqual([
      { host: "a", port: 6000 },
      { host: "b", port: 6000 },
    ]);
    expect(target("host=a,,c port=1,2,").hosts).toEqual([
      { host: "a", port: 1 },
      { host: "/tmp", port: 2 },
      { host: "c", port: 5432 },
    ]);
    expect(target("hostaddr=10.0.0.1").hosts).toEqual([{ host: "10.0.0.1", port: 5432 }]);
  });

  test.each([
    "host=a,b,c port=1,2",
    "port=0",
    "port=65536",
    "port=-1",
    "port=12x",
    "sslmode=on",
    "sslmode=''",
    "sslrootcert=system sslmode=require",
    "connect_timeout=soon",
    "target_session_attrs=any,one",
    "host=a,b hostaddr=1.1.1.1",
  ])("%s is refused", (text) => {
    expect(() => target(text)).toThrow(expect.objectContaining({ code: "connection.invalid" }));
  });

  test("a URL without its host does not repeat the password that stands for the port", () => {
    expect(() => buildTarget(parseConnectionUrl("postgresql://me:hunter2"), defaults)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining("hunter2") }),
    );
  });

  test("the string beats the service, the service beats the environment", () => {
    const merged = mergeParameters(
      parseConninfo("host=string"),
      { host: "service", port: "1" },
      readEnvironment({ PGHOST: "environment", PGPORT: "2", PGUSER: "environment", PGTZ: "none" }),
    );
    expect(merged).toEqual({ host: "string", port: "1", user: "environment" });
  });

  test("PGREQUIRESSL is heard only where PGSSLMODE is silent", () => {
    expect(readEnvironment({ PGREQUIRESSL: "1" })).toEqual({ sslmode: "require" });
    expect(readEnvironment({ PGREQUIRESSL: "1", PGSSLMODE: "allow" })).toEqual({ sslmode: "allow" });
    expect(readEnvironment({ PGREQUIRESSL: "0" })).toEqual({});
  });

  test("system roots mean verify-full", () => {
    expect(target("host=h sslrootcert=system").sslMode).toBe("verify-full");
  });

  test("a remote host that nobody checks is warned about, a near one is not", () => {
    expect(buildTarget({ host: "db.example.org" }, defaults).warnings).toEqual([
      expect.stringContaining("sslmode=verify-full"),
    ]);
    for (const host of ["/tmp", "localhost", "127.0.0.1", "127.9.9.9", "::1", "@abstract"]) {
      expect(buildTarget({ host }, defaults).warnings).toEqual([]);
    }
    expect(buildTarget({ host: "db.example.org", sslmode: "prefer" }, defaults).warnings).toEqual([]);
  });

  test("settings that are not obeyed are named, with what it means", () => {
    const { warnings } = buildTarget(parseConninfo("host=localhost channel_binding=require sslcrl=/x"), defaults);
    expect(warnings).toHaveLength(2);
    expect(warnings.join()).toMatch(/channel_binding.*sslcrl/);
  });

  test("a target for people holds no password", () => {
    const parameters = parseConnectionUrl("postgresql://u:pw@[::1]:6000,h/d");
    expect(formatTarget(buildTarget(parameters, defaults).target)).toBe("d on [::1]:6000, h:5432 as u");
  });
});

describe("service files", () => {
  const file =
    "# c\n[one]\nhost=a\nhost=b\n  port=5433  \noptions=-c x=y\n\n[two]\nhost=c\nfuture=1\n[bad]\nhost\n[nested]\nservice=one\n";

  test("a section, first value wins, the rest of the line is the value", () => {
    expect(findService(file, "one", "f")).toEqual({
      parameters: { host: "a", port: "5433", options: "-c x=y" },
      warnings: [],
    });
  });

  test("unknown keywords are passed over with their place", () => {
    expect(findService(file, "two", "/etc/pg_service.conf")).toEqual({
      parameters: { host: "c" },
      warnings: [expect.stringMatching(/^\/etc\/pg_service.conf, line 10: .*“future”/)],
    });
  });

  test("a missing section is null; bad lines and nested services are refused", () => {
    expect(findService(file, "three", "f")).toBeNull();
    expect(() => findService(file, "bad", "f")).toThrow(expect.objectContaining({ detail: "f, line 12" }));
    expect(() => findService(file, "nested", "f")).toThrow(expect.objectContaining({ code: "connection.invalid" }));
  });
});
