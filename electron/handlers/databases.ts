import { AppError } from "../../shared/error/app-error.ts";
import type { Handlers } from "../host/served-app.ts";
import { listDatabases } from "../postgres/catalog.ts";
import { connect, withSession } from "../postgres/connect.ts";
import { runPreflight } from "../postgres/preflight.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import { Secret } from "../secrets/secret.ts";
import { checkClient } from "../tools/check-client.ts";
import type { AppServices } from "./app-services.ts";

/** Looks at servers; nothing is changed there. */
export function databaseHandlers(
  services: AppServices,
): Pick<Handlers, "databases.find" | "databases.list" | "databases.preflight"> {
  const { connections } = services;
  return {
    "databases.find": (_args, { signal }) => connections.find(signal),
    async "databases.list"({ connection, password }, { signal }) {
      const session = await connectToServer(await connections.resolve(connection, secretOf(password)), signal);
      try {
        const databases = await listDatabases(session);
        return databases
          .filter(({ allowConnections }) => allowConnections)
          .map(({ name, sizeBytes }) => ({ name, sizeBytes }));
      } finally {
        await session.close();
      }
    },
    async "databases.preflight"({ connection, password: given }, { signal }) {
      const { target, password } = await connections.resolve(connection, secretOf(given));
      const options = { signal };
      const report = await withSession(target, password, options, (session) =>
        runPreflight(session, { globals: false }),
      );
      const { chosen, error } = await checkClient(report.server.versionNum, await services.home());
      const tool = {
        reason: chosen?.reason ?? null,
        warnings: chosen?.warnings ?? [],
        error: error?.toValue() ?? null,
      };
      return { ...report, tool };
    },
  };
}

/** A password as it came over the wire, out of sight from here on; an empty one is none. */
export function secretOf(password: string | undefined): Secret | null {
  return password === undefined || password === "" ? null : new Secret(password);
}

/** To list a server's databases any of them will do. */
async function connectToServer({ target, password }: ResolvedConnection, signal: AbortSignal) {
  try {
    return await connect(target, password, { signal });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "connection.databaseMissing") throw error;
    return connect(target, password, { signal, database: "postgres" });
  }
}
