import { FolderOpen } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { usePickArchive } from "../../components/pick-path.ts";
import { navigate } from "./router.ts";
import { texts } from "./texts.ts";

/** Says why a file dropped on a browser's window does not open, and leads to the way it does. */
export function DropDialog({ onClose }: { onClose(): void }) {
  const pick = usePickArchive();

  async function choose(): Promise<void> {
    onClose();
    const path = await pick();
    if (path !== null) navigate({ screen: "archive", path });
  }

  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      size="small"
      title={texts.dropTitle}
      description={texts.dropText}
      footer={
        <>
          <Button onClick={onClose}>{texts.close}</Button>
          <Button variant="primary" icon={<FolderOpen aria-hidden />} onClick={() => void choose()}>
            {texts.dropChoose}
          </Button>
        </>
      }
    />
  );
}
