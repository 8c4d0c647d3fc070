import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { classifyToolOutput, type EndedTool, failureOf } from "../../../shared/error/classify.ts";
import { classifyServerError } from "../../../shared/error/classify-server-error.ts";

const failed = (stderr: string, change: Partial<EndedTool> = {}): EndedTool => ({
  exitCode: 1,
  signal: null,
  outcome: "exited",
  stderr,
  ...change,
});

// pg_restore 15.18 --verbose, into a database that had one of the tables.
const restoreOutput = `pg_restore: connecting to database for restore
pg_restore: creating TABLE "public.orders"
pg_restore: while PROCESSING TOC:
pg_restore: from TOC entry 215; 1259 16390 TABLE orders postgres
pg_restore: error: could not execute query: ERROR:  relation "orders" already exists
Command was: CREATE TABLE public.orders (
    id integer NOT NULL,
    note text -- pg_restore
);


pg_restore: processing data for table "public.orders"
pg_restore: from TOC entry 3318; 0 16390 TABLE DATA orders postgres
pg_restore: error: COPY failed for table "orders": ERROR:  duplicate key value violates unique constraint "orders_pkey"
DETAIL:  Key (note)=(terminated by user) already exists.
CONTEXT:  COPY orders, line 1
pg_restore: creating FK CONSTRAINT "public.lines lines_order_fkey"
pg_restore: from TOC entry 3170; 2606 16401 FK CONSTRAINT lines lines_order_fkey postgres
pg_restore: error: could not execute query: ERROR:  something nobody has seen before
Command was: ALTER TABLE ONLY public.lines
    ADD CONSTRAINT lines_order_fkey FOREIGN KEY (order_id) REFERENCES public.orders(id);

pg_restore: warning: errors ignored on restore: 3
`;

describe("events of a restore", () => {
  const events = classifyToolOutput(restoreOutput, "restore");

  test("one for each error, none for lines of progress", () => {
    expect(events.map(({ ruleId, severity }) => [ruleId, severity])).toEqual([
      ["R07", "error"],
      ["R22", "error"],
      [null, "error"],
      ["R44", "warning"],
    ]);
  });

  test("with the entry and the command each is about", () => {
    expect(events[0]).toMatchObject({
      tocEntry: { dumpId: 215, desc: "TABLE" },
      command: "CREATE TABLE public.orders (\n    id integer NOT NULL,\n    note text -- pg_restore\n);",
      text: 'pg_restore: error: could not execute query: ERROR:  relation "orders" already exists',
      code: "restore.objectsExist",
    });
    expect(events[1]?.tocEntry).toEqual({ dumpId: 3318, desc: "TABLE DATA" });
    expect(events[1]?.command).toBeNull();
    expect(events[1]?.text).toContain("CONTEXT:  COPY orders, line 1");
    expect(events[2]?.tocEntry).toEqual({ dumpId: 3170, desc: "FK CONSTRAINT" });
  });

  test("the unknown keeps the tool's own words", () => {
    expect(events[2]).toMatchObject({
      code: "unclassified",
      class: null,
      meaning: null,
      text: "pg_restore: error: could not execute query: ERROR:  something nobody has seen before",
    });
  });
});

describe("what decides among several rules", () => {
  test("a row's content does not", () => {
    const [event] = classifyToolOutput(
      'pg_restore: error: COPY failed for table "t": ERROR:  new row violates check constraint "c"\nDETAIL:  Failing row contains (out of shared memory).\n',
      "restore",
    );
    expect(event?.ruleId).toBe("R45");
  });

  test("the detail does, where the line only says which table", () => {
    const [event] = classifyToolOutput(
      'pg_dump: error: Dumping the contents of table "big" failed: PQgetResult() failed.\n' +
        "pg_dump: detail: Error message from server: ERROR:  missing chunk number 0 for toast value 16444 in pg_toast_2619\n" +
        "pg_dump: detail: Command was: COPY public.big (x) TO stdout;\n",
      "dump",
    );
    expect(event).toMatchObject({ ruleId: "D15", class: "stop", command: "COPY public.big (x) TO stdout;" });
  });

  test("the context does, where a function is what failed", () => {
    const [event] = classifyToolOutput(
      'pg_restore: error: COPY failed for table "t": ERROR:  relation "t2" does not exist\nLINE 1: SELECT 1 FROM t2\nQUERY:  SELECT 1 FROM t2\nCONTEXT:  SQL function "f" during inlining\nCOPY t, line 1\n',
      "restore",
    );
    expect(event?.ruleId).toBe("R27");
  });

  test("a lock that is not had in time is told from other timeouts by its statement", () => {
    const [event] = classifyToolOutput(
      "pg_dump: error: query failed: ERROR:  canceling statement due to statement timeout\npg_dump: detail: Query was: LOCK TABLE public.a IN ACCESS SHARE MODE\n",
      "dump",
    );
    expect(event).toMatchObject({ ruleId: "D05", code: "postgres.lockTimeout", class: "retry" });
  });

  test("both tries of a connection are one event", () => {
    const events = classifyToolOutput(
      'pg_dump: error: connection to server at "localhost" (::1), port 5999 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\nconnection to server at "localhost" (127.0.0.1), port 5999 failed: Connection refused\n\tIs the server running on that host and accepting TCP/IP connections?\n',
      "dump",
    );
    expect(events.map(({ ruleId }) => ruleId)).toEqual(["C02"]);
  });

  test("the server's severities count when nothing stands before them", () => {
    const events = classifyToolOutput(
      'WARNING:  database "x" has a collation version mismatch\nNOTICE:  nothing\n',
      "restore",
    );
    expect(events.map(({ severity, ruleId }) => [severity, ruleId])).toEqual([["warning", "R46"]]);
  });
});

describe("bounds", () => {
  test("any text is taken", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 2000 }), (text) => {
        for (const event of classifyToolOutput(text, "restore")) expect(event.text.length).toBeLessThanOrEqual(8000);
      }),
    );
  });

  test("a flood of errors and a line without end stay small and quick", () => {
    const flood = "pg_restore: error: could not execute query: ERROR:  boom\n".repeat(200_000);
    const long = `pg_restore: error: out of shared memory ${"x".repeat(20_000_000)}`;
    const startedAt = performance.now();
    expect(classifyToolOutput(flood, "restore")).toHaveLength(10_000);
    expect(classifyToolOutput(long, "restore")).toMatchObject([{ ruleId: "D08" }]);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe("failureOf", () => {
  test("the first error that matters, the rest counted", () => {
    const stderr =
      'pg_restore: error: could not execute query: ERROR:  schema "public" already exists\n' +
      'pg_restore: error: could not execute query: ERROR:  extension "postgis" is not available\n' +
      'pg_restore: error: could not execute query: ERROR:  type "geometry" does not exist\n';
    const error = failureOf("pg_restore", failed(stderr), "restore");
    expect(error).toMatchObject({
      code: "restore.missingRequirement",
      message: "An extension is not installed on the target's machine.",
    });
    expect(error.detail).toMatch(/"postgis" is not available\n\(2 more errors with it\)$/);
  });

  test.each<[string, Partial<EndedTool>, string, RegExp]>([
    ["", { outcome: "cancelled" }, "job.cancelled", /cancelled/],
    ["", { outcome: "stalled" }, "tool.stalled", /nothing for too long/],
    ["", { outcome: "timedOut" }, "tool.stalled", /longer/],
    ["spawn /x ENOENT", { outcome: "notStarted", exitCode: null }, "tool.missing", /not where it was/],
    ["spawn /x EACCES", { outcome: "notStarted", exitCode: null }, "tool.failed", /may not be run/],
    ["", { exitCode: null, signal: "SIGKILL" }, "tool.killed", /SIGKILL/],
    ["pg_dump: reading schemas\n", {}, "tool.failed", /exit code 1/],
    ["pg_dump: terminated by user\n", {}, "tool.killed", /asked to stop/],
    ["pg_dump: error: new words\n", {}, "tool.failed", /pg_dump failed: new words/],
    [
      "pg_dump: error while loading shared libraries: libpq.so.5: cannot open shared object file\n",
      { exitCode: 127 },
      "tool.failed",
      /shared libraries/,
    ],
  ])("%j %o", (stderr, change, code, message) => {
    const error = failureOf("pg_dump", failed(stderr, change), "dump");
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
  });

  test("a password in a broken connection string is not repeated", () => {
    const error = failureOf("pg_dump", failed('pg_dump: error: invalid percent-encoded token: "hun%ter2"\n'), "dump");
    expect(error.code).toBe("connection.invalid");
    expect(JSON.stringify(error.toValue())).not.toContain("ter2");
  });
});

describe("classifyServerError", () => {
  test.each([
    ["28P01", "Passwort-Authentifizierung fehlgeschlagen", "connection.authentication"],
    [
      "28000",
      'no pg_hba.conf entry for host "10.0.0.1", user "x", database "y", no encryption',
      "connection.notAllowed",
    ],
    ["3D000", "", "connection.databaseMissing"],
    ["42501", "permission denied for table b", "postgres.permissionDenied"],
    ["53300", "", "connection.tooMany"],
    ["57P03", "", "connection.notReady"],
    ["57P01", "", "connection.lost"],
    ["08006", "", "connection.lost"],
    ["XX001", "", "postgres.dataDamaged"],
    ["25006", "", "postgres.readOnly"],
    ["42P04", "", "restore.objectsExist"],
    ["22012", "division by zero", "postgres.queryFailed"],
    ["", "", "postgres.queryFailed"],
  ])("%s %s is %s", (state, message, code) => {
    expect(classifyServerError(state, message).code).toBe(code);
  });
});
