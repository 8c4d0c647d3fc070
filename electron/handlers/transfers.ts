import { resolve } from "node:path";
import { AppError } from "../../shared/error/app-error.ts";
import type { Handlers } from "../host/served-app.ts";
import { startMirror } from "../jobs/run-mirror.ts";
import { startTransfer } from "../jobs/run-transfer.ts";
import { openSavedStorages } from "../storage/saved-storages.ts";
import { checkPath } from "../storage/storage.ts";
import { type AppServices, storageContext } from "./app-services.ts";

type TransferMethods = "storages.mirror" | "storages.upload" | "storages.download";

/** What goes from one place to another. A window names a storage by its saved name alone. */
export function transferHandlers(services: AppServices): Pick<Handlers, TransferMethods> {
  const { jobs, starter } = services;

  /** @throws storage.notSaved */
  async function insist(name: string): Promise<string> {
    return (await openSavedStorages(await services.home()).get(name)).name;
  }

  return {
    async "storages.mirror"({ from, to, database }) {
      if (from === to) throw new AppError("usage.invalid", "A place cannot be mirrored to itself.");
      const { backupsFolder } = await services.home();
      const place = async (name: string | null) => (name === null ? backupsFolder : insist(name));
      const request = { from: await place(from), to: await place(to), database };
      const context = await storageContext(services);
      return { jobId: await starter.start((watch) => startMirror(request, context, jobs, watch)) };
    },
    async "storages.upload"({ name, at, file }) {
      const folder = at === "" ? "" : checkPath(at);
      const request = { way: "up", file: resolve(file), location: await insist(name), folder } as const;
      const context = await storageContext(services);
      return { jobId: await starter.start((watch) => startTransfer(request, context, jobs, watch)) };
    },
    async "storages.download"({ name, path, folder }) {
      const location = await insist(name);
      const request = { way: "down", location, path: checkPath(path), folder: resolve(folder) } as const;
      const context = await storageContext(services);
      return { jobId: await starter.start((watch) => startTransfer(request, context, jobs, watch)) };
    },
  };
}
