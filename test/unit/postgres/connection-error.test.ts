import { createServer } from "node:net";
import { expect, test } from "vitest";
import { connect } from "../../../electron/postgres/connect.ts";
import { connectionError } from "../../../electron/postgres/connection-error.ts";
import { queryError } from "../../../electron/postgres/query-error.ts";
import { AppError } from "../../../shared/error/app-error.ts";
import type { ConnectionTarget } from "../../../shared/profile/profile.ts";

const target: ConnectionTarget = {
  hosts: [{ host: "db", port: 5432 }],
  database: "shop",
  user: "me",
  sslMode: "verify-full",
  sslRootCert: "/etc/ca.crt",
  sslCert: null,
  sslKey: null,
  connectTimeoutSeconds: 3,
  options: null,
  targetSessionAttrs: "any",
  environment: "development",
  profile: null,
};

function serverError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code, severity: "FATAL" });
}

function nodeError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

// As seen from PostgreSQL 15.18, PgBouncer 1.18, Node 24 and pg 8.23.
test.each<[Error, string, RegExp]>([
  [serverError("28P01", 'password authentication failed for user "me"'), "connection.authentication", /password of me/],
  [
    serverError("28000", 'role "me" is not permitted to log in'),
    "connection.authentication",
    /not one that can log in/,
  ],
  [
    serverError("28000", 'no pg_hba.conf entry for host "::1", user "me", database "shop", no encryption'),
    "connection.notAllowed",
    /pg_hba/,
  ],
  [serverError("3D000", 'database "shop" does not exist'), "connection.databaseMissing", /no database shop/],
  [serverError("53300", "sorry, too many clients already"), "connection.tooMany", /no free connection/],
  [serverError("57P03", "the database system is starting up"), "connection.notReady", /at the moment/],
  [serverError("42501", 'permission denied for database "shop"'), "postgres.permissionDenied", /may not connect/],
  [serverError("08P01", "unsupported startup parameter: options"), "connection.pooler", /pooler/],
  [serverError("22023", 'invalid value for parameter "search_path"'), "connection.failed", /does not let me in/],
  [nodeError("ECONNREFUSED"), "connection.refused", /db:5432/],
  [new AggregateError([nodeError("ECONNREFUSED"), nodeError("EHOSTUNREACH")]), "connection.refused", /db:5432/],
  [nodeError("ENOTFOUND"), "connection.hostNotFound", /db/],
  [nodeError("EAI_AGAIN"), "connection.hostNotFound", /db/],
  [nodeError("EHOSTUNREACH"), "connection.failed", /no way through the network/],
  [nodeError("ETIMEDOUT"), "connection.timeout", /3 seconds/],
  [new Error("timeout expired"), "connection.timeout", /3 seconds/],
  [new Error("The server does not support SSL connections"), "connection.tls", /does not offer TLS/],
  [nodeError("ERR_TLS_CERT_ALTNAME_INVALID"), "connection.tls", /not for the name db/],
  [nodeError("CERT_HAS_EXPIRED"), "connection.tls", /expired/],
  [nodeError("SELF_SIGNED_CERT_IN_CHAIN"), "connection.tls", /\/etc\/ca\.crt/],
  [nodeError("ERR_SSL_WRONG_VERSION_NUMBER"), "connection.tls", /No encrypted connection/],
  [nodeError("ECONNRESET"), "connection.failed", /broke off/],
  [new Error("SASL: Only mechanism(s) SCRAM-SHA-256 are supported"), "connection.authentication", /no common way/],
])("%s is %s", (thrown, code, message) => {
  const error = connectionError(thrown, target, "shop", { host: "db", port: 5432 });
  expect(error.code).toBe(code);
  expect(error.message).toMatch(message);
  expect(error.detail).toContain(thrown instanceof AggregateError ? "ECONNREFUSED" : thrown.message);
});

test.each<[Error, string]>([
  [serverError("42501", "permission denied for table x"), "postgres.permissionDenied"],
  [serverError("55P03", "canceling statement due to lock timeout"), "postgres.lockTimeout"],
  [serverError("42601", 'syntax error at or near "selec"'), "postgres.queryFailed"],
  [serverError("42P01", 'relation "x" does not exist'), "postgres.queryFailed"],
  [serverError("57P01", "terminating connection due to administrator command"), "connection.lost"],
  [new Error("Connection terminated unexpectedly"), "connection.lost"],
  [nodeError("ECONNRESET"), "connection.lost"],
])("in a query, %s is %s", (thrown, code) => {
  const error = queryError(thrown);
  expect(error.code).toBe(code);
  expect(error.detail).toContain(thrown.message);
});

/** A server that answers whatever comes with these bytes. */
async function answering(bytes: Buffer): Promise<{ error: unknown }> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.write(bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const error: unknown = await connect(
    { ...target, hosts: [{ host: "127.0.0.1", port }], sslMode: "disable", connectTimeoutSeconds: 1 },
    null,
  ).catch((thrown: unknown) => thrown);
  server.close();
  return { error };
}

test("a server that wants Kerberos is told apart, and does not end the process", async () => {
  const { error } = await answering(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 7]));
  expect(error).toMatchObject({ code: "connection.authentication", hint: expect.stringContaining("Kerberos") });
});

test.each(["HTTP/1.1 400 Bad Request\r\n\r\n", "220 mail ESMTP\r\n", "\0\0\0\0\0\0\0\0\0"])(
  "something that is no PostgreSQL gives an error of ours: %j",
  async (text) => {
    const { error } = await answering(Buffer.from(text));
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: expect.stringMatching(/^connection\./) });
  },
);
