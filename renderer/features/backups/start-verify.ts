import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Client } from "../../client/client.ts";
import { notifyError } from "../../components/toasts.tsx";

/** Starts a verification. The jobs tell of its progress and verdict, which the badge shows: no more is said here. */
export function startVerify(client: Client, path: string, level: "checksum" | "read"): void {
  client.invoke("backups.verify", { path, level }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
}
