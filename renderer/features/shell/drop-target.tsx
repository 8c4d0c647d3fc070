import { ArchiveRestore } from "lucide-react";
import { lazy, Suspense, useEffect, useState } from "react";
import { useClient } from "../../client/client-context.ts";
import styles from "./drop-target.module.css";
import { navigate } from "./router.ts";
import { texts } from "./texts.ts";

const DropDialog = lazy(async () => ({ default: (await import("./drop-dialog.tsx")).DropDialog }));

/**
 * Opens the archive that is dropped on the window. A page in a browser is not told where a dropped file lies; there it says
 * how the file is opened.
 */
export function DropTarget() {
  const client = useClient();
  const [isOver, setIsOver] = useState(false);
  const [isDropped, setIsDropped] = useState(false);

  useEffect(() => {
    let depth = 0;
    const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes("Files") ?? false;
    const over = new AbortController();
    const listen = (name: "dragenter" | "dragleave" | "dragover" | "drop", handle: (event: DragEvent) => void) =>
      addEventListener(name, (event) => hasFiles(event) && handle(event), { signal: over.signal });
    listen("dragenter", () => {
      depth += 1;
      setIsOver(true);
    });
    listen("dragleave", () => {
      depth = Math.max(0, depth - 1);
      if (depth === 0) setIsOver(false);
    });
    listen("dragover", (event) => event.preventDefault());
    listen("drop", (event) => {
      // Else the browser would leave the window for the file.
      event.preventDefault();
      depth = 0;
      setIsOver(false);
      const [file] = event.dataTransfer?.files ?? [];
      const path = file === undefined ? null : client.pathOf(file);
      if (path === null) setIsDropped(true);
      else navigate({ screen: "archive", path: archiveOfDropped(path) });
    });
    return () => over.abort();
  }, [client]);

  return (
    <>
      {isOver ? (
        <div className={styles.over} role="status">
          <div className={styles.zone}>
            <p>
              <ArchiveRestore aria-hidden />
              {texts.dropHint}
            </p>
          </div>
        </div>
      ) : null}
      {isDropped ? (
        <Suspense>
          <DropDialog onClose={() => setIsDropped(false)} />
        </Suspense>
      ) : null}
    </>
  );
}

/** An archive in directory format is a folder; people find its toc.dat. */
function archiveOfDropped(path: string): string {
  return path.replace(/[/\\]toc\.dat$/, "");
}
