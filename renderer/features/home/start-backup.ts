import { useCallback } from "react";
import { createStore } from "zustand/vanilla";
import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { ConnectionChoice } from "../../../shared/contract/views.ts";
import { AppError, toErrorValue } from "../../../shared/error/app-error.ts";
import type { JobId } from "../../../shared/job/job.ts";
import type { Client } from "../../client/client.ts";
import { useClient } from "../../client/client-context.ts";
import { notify, notifyError } from "../../components/toasts.tsx";
import { navigate } from "../shell/router.ts";
import { texts } from "./texts.ts";

export interface BackupWish {
  readonly connection: ConnectionChoice;
  /** null: the connection's own. */
  readonly database: string | null;
  /** For people. */
  readonly name: string;
  /** Where it is to be another backup than the usual. */
  readonly options?: ArgsOf<"backup.start">["options"];
}

export interface StartedBackup {
  readonly jobId: JobId;
  readonly profile: string;
}

/** What PasswordDialog asks for; null for nothing. */
export const passwordQuestion = createStore<{
  readonly question: { readonly name: string; readonly isWrong: boolean; answer(password: string | null): void } | null;
}>(() => ({ question: null }));

/**
 * Starts a backup, asking for the password where one is missing or wrong, as often as it is wrong.
 * @returns null where the person did not want to give one
 * @throws AppError
 */
export async function startBackup(client: Client, wish: BackupWish): Promise<StartedBackup | null> {
  const { connection, database, name, options } = wish;
  let password: string | null = null;
  for (;;) {
    try {
      // oxlint-disable-next-line no-await-in-loop -- each try depends on the answer to the one before
      return await client.invoke("backup.start", {
        connection,
        database,
        ...(options === undefined ? {} : { options }),
        ...(password === null ? {} : { password }),
      });
    } catch (thrown) {
      if (!(thrown instanceof AppError) || !asksForPassword(thrown)) throw thrown;
      // oxlint-disable-next-line no-await-in-loop -- the person is asked once a try
      password = await askPassword(name, thrown.code === "connection.authentication");
      if (password === null) return null;
    }
  }
}

function asksForPassword({ code }: AppError): boolean {
  return code === "connection.passwordMissing" || code === "connection.authentication";
}

function askPassword(name: string, isWrong: boolean): Promise<string | null> {
  return new Promise((resolve) => {
    const answer = (password: string | null) => {
      passwordQuestion.setState({ question: null });
      resolve(password);
    };
    passwordQuestion.setState({ question: { name, isWrong, answer } });
  });
}

/** Starts a backup from anywhere in the window; what comes of it is told in a toast and in Activity. */
export function useStartBackup(): (wish: BackupWish) => Promise<StartedBackup | null> {
  const client = useClient();
  return useCallback(
    async (wish) => {
      try {
        const started = await startBackup(client, wish);
        if (started === null) return null;
        notify({
          tone: "info",
          title: texts.started(wish.name),
          action: { label: texts.show, run: () => navigate({ screen: "activity", jobId: started.jobId }) },
        });
        return started;
      } catch (thrown) {
        notifyError(toErrorValue(thrown));
        return null;
      }
    },
    [client],
  );
}
