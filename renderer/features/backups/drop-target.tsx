import { FolderOpen } from "lucide-react";
import { useEffect, useState } from "react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { usePickArchive } from "../../components/pick-path.ts";
import { navigate } from "../shell/router.ts";
import styles from "./drop-target.module.css";
import { texts } from "./texts.ts";

/** Takes files dropped on the window. A page is not told where a dropped file lies, so it says how the file is opened. */
export function DropTarget() {
  const pick = usePickArchive();
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
      setIsDropped(true);
    });
    return () => over.abort();
  }, []);

  async function choose(): Promise<void> {
    setIsDropped(false);
    const path = await pick();
    if (path !== null) navigate({ screen: "archive", path });
  }

  return (
    <>
      {isOver ? (
        <div className={styles.over} aria-hidden>
          <p>{texts.dropHint}</p>
        </div>
      ) : null}
      <Dialog
        open={isDropped}
        onOpenChange={setIsDropped}
        size="small"
        title={texts.dropTitle}
        description={texts.dropText}
        footer={
          <>
            <Button onClick={() => setIsDropped(false)}>{texts.close}</Button>
            <Button variant="primary" icon={<FolderOpen aria-hidden />} onClick={() => void choose()}>
              {texts.dropChoose}
            </Button>
          </>
        }
      />
    </>
  );
}
