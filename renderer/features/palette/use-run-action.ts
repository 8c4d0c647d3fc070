import { toErrorValue } from "../../../shared/error/app-error.ts";
import { usePickArchive } from "../../components/pick-path.ts";
import { notifyError } from "../../components/toasts.tsx";
import { useSettings } from "../../stores/settings.ts";
import { useStartBackup } from "../home/start-backup.ts";
import { navigate } from "../shell/router.ts";
import type { PaletteAction } from "./palette-items.ts";

/** Does what was chosen in the palette. Failures are told in a notice: the palette is closed by then. */
export function useRunAction(): (action: PaletteAction) => void {
  const startBackup = useStartBackup();
  const pickArchive = usePickArchive();
  const changeSettings = useSettings(({ change }) => change);

  async function run(action: PaletteAction): Promise<void> {
    switch (action.kind) {
      case "go":
        return navigate(action.route);
      case "openFile": {
        const path = await pickArchive();
        if (path !== null) navigate({ screen: "archive", path });
        return;
      }
      case "theme":
        return changeSettings({ theme: action.theme });
      case "backUp": {
        const started = await startBackup({ connection: action.connection, database: null, name: action.name });
        if (started !== null) navigate({ screen: "activity", jobId: started.jobId });
        return;
      }
    }
  }

  return (action) => {
    run(action).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
  };
}
