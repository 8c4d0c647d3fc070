import { AppError } from "../../shared/error/app-error.ts";
import type { JobContext } from "../jobs/job-context.ts";
import { connect, withSession } from "../postgres/connect.ts";
import type { RestoreServices } from "./plan-restore.ts";
import type { RestorePlan } from "./restore-plan.ts";

/**
 * Makes the database with the first of the plan's statements that the server takes.
 * @param onUncertain called when it was stopped in the middle, so that the database may be there or not
 * @throws postgres.*, connection.*, job.cancelled
 */
export async function createDatabase(
  context: JobContext,
  plan: RestorePlan,
  services: RestoreServices,
  onUncertain: () => void,
): Promise<void> {
  const { connection } = services;
  const session = await connect(connection.target, connection.password, {
    database: plan.maintenanceDatabase,
    applicationName: "lifeboat",
    signal: context.signal,
  });
  try {
    for (const [at, statement] of plan.createDatabase.entries()) {
      try {
        // oxlint-disable-next-line no-await-in-loop
        await session.query(statement);
        context.log(statement);
        return;
      } catch (error) {
        // Stopped in the middle of it, nobody knows whether the server had finished.
        if (error instanceof AppError && (error.code === "job.cancelled" || error.code === "connection.lost"))
          onUncertain();
        // An unknown locale has no SQLSTATE of its own.
        const isLast = at === plan.createDatabase.length - 1;
        if (isLast || !(error instanceof AppError) || !/locale|encoding|collat/i.test(error.detail ?? "")) throw error;
        context.log(`warning: the server does not take the archive's locale (${error.detail ?? ""}); trying another`);
      }
    }
  } finally {
    await session.close();
  }
}

/** Schemas that the archive's objects lie in and that neither archive nor target have. */
export async function createSchemas(context: JobContext, plan: RestorePlan, services: RestoreServices): Promise<void> {
  const { target, password } = services.connection;
  if (plan.createSchemas.length === 0) return;
  const options = { database: plan.database, applicationName: "lifeboat", signal: context.signal };
  await withSession(target, password, options, async (session) => {
    for (const statement of plan.createSchemas) {
      context.log(statement);
      // oxlint-disable-next-line no-await-in-loop
      await session.query(statement);
    }
  });
}
