import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Client } from "../../client/client.ts";
import { notify, notifyError } from "../../components/toasts.tsx";
import { texts } from "./texts.ts";

/** Starts a verification; its verdict comes through the jobs. */
export function startVerify(client: Client, path: string, level: "checksum" | "read"): void {
  client.invoke("backups.verify", { path, level }).then(
    () => notify({ tone: "info", title: texts.verifyStarted, text: texts.verifyStartedText }),
    (thrown: unknown) => notifyError(toErrorValue(thrown)),
  );
}
