import type { SampleView } from "../../shared/contract/views.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Handlers } from "../host/served-app.ts";
import { resetSample, sampleStatus, startSample, stopSample } from "../postgres/sample/sample-server.ts";
import { findServerPrograms } from "../postgres/sample/server-programs.ts";
import type { AppServices } from "./app-services.ts";

/** The sample PostgreSQL. */
export function sampleHandlers(
  services: AppServices,
): Pick<Handlers, "sample.status" | "sample.start" | "sample.stop" | "sample.reset"> {
  async function status(): Promise<SampleView> {
    const home = await services.home();
    const { state, version } = await sampleStatus(home);
    return { state, version, unavailable: state === "absent" ? await whyUnavailable() : null };
  }

  async function whyUnavailable(): Promise<string | null> {
    try {
      await findServerPrograms(await services.home(), null);
      return null;
    } catch (error) {
      if (error instanceof AppError) return error.message;
      throw error;
    }
  }

  async function after(work: Promise<unknown>): Promise<SampleView> {
    await work;
    services.changed("sample");
    return status();
  }

  return {
    "sample.status": status,
    "sample.start": async () => after(startSample(await services.home())),
    "sample.stop": async () => after(stopSample(await services.home())),
    "sample.reset": async () => after(resetSample(await services.home())),
  };
}
