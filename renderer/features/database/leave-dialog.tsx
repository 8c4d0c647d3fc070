import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { texts } from "./texts.ts";
import type { LeaveGuard } from "./use-leave-guard.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** Asks what to do with what was typed before another place is shown. */
export function LeaveDialog({ guard, editor }: { readonly guard: LeaveGuard; readonly editor: ProfileEditor }) {
  const name = visibleText(editor.draft.name.trim()) || texts.newName;

  async function save(): Promise<void> {
    if ((await editor.save()) === null) guard.stay();
    else guard.leave();
  }

  function discard(): void {
    editor.discard();
    guard.leave();
  }

  return (
    <Dialog
      open={guard.isAsking}
      size="small"
      title={texts.leaveTitle}
      description={texts.leaveText(name)}
      onOpenChange={(open) => {
        if (!open) guard.stay();
      }}
      footer={
        <>
          <Button variant="quiet" onClick={discard}>
            {texts.leaveDiscard}
          </Button>
          <Button onClick={() => guard.leave()}>{texts.leaveKeep}</Button>
          <Button variant="primary" busy={editor.work === "saving"} onClick={() => void save()}>
            {texts.leaveSave}
          </Button>
        </>
      }
    />
  );
}
