import { useCallback } from "react";
import { createStore } from "zustand/vanilla";
import { toErrorValue } from "../../shared/error/app-error.ts";
import { useClient } from "../client/client-context.ts";
import { useHello } from "../stores/hello.ts";
import { notifyError } from "./toasts.tsx";

/** What the host's own file browser is asked for; FileBrowser shows it. */
export interface PathQuestion {
  readonly what: "archive" | "folder";
  /** null: nothing was chosen. */
  answer(path: string | null): void;
}

/** The open question, null for none. */
export const pathQuestion = createStore<{ readonly question: PathQuestion | null }>(() => ({ question: null }));

/** Lets a person choose an archive: the system's dialog where the host has one, else the app's own browser. null: nothing. */
export function usePickArchive(): () => Promise<string | null> {
  return usePick("archive");
}

/** Lets a person choose a folder, in the same way. */
export function usePickFolder(): () => Promise<string | null> {
  return usePick("folder");
}

function usePick(what: PathQuestion["what"]): () => Promise<string | null> {
  const client = useClient();
  const isNative = useHello(({ value }) => value?.capabilities.nativeDialogs ?? false);
  return useCallback(async () => {
    if (!isNative) return ask(what);
    try {
      const method = what === "archive" ? "dialogs.openArchive" : "dialogs.chooseFolder";
      const { path } = await client.invoke(method, {});
      return path;
    } catch (thrown) {
      notifyError(toErrorValue(thrown));
      return null;
    }
  }, [client, isNative, what]);
}

function ask(what: PathQuestion["what"]): Promise<string | null> {
  return new Promise((resolve) => {
    pathQuestion.getState().question?.answer(null);
    const question: PathQuestion = {
      what,
      answer(path) {
        pathQuestion.setState({ question: null });
        resolve(path);
      },
    };
    pathQuestion.setState({ question });
  });
}
