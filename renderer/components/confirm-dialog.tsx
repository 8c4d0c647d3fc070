import { type ReactNode, useRef, useState } from "react";
import { visibleText } from "../../shared/text/visible-text.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import { ErrorPanel } from "./error-panel.tsx";
import { TextField } from "./text-field.tsx";
import { useWork } from "./use-work.ts";

export interface ConfirmDialogProps {
  readonly open: boolean;
  onOpenChange(open: boolean): void;
  /** Asks: "Remove the profile shop?" */
  readonly title: string;
  /** What will happen, and what will not. */
  readonly children: ReactNode;
  /** The deed itself: "Remove", never "OK". */
  readonly confirmLabel: string;
  readonly isDangerous?: boolean;
  /** A name that has to be typed first; null where a click is enough. */
  readonly typeToConfirm?: string | null;
  /** Does it; the dialog closes when it is done and shows why where it is not. */
  onConfirm(): void | Promise<void>;
}

/** Asks before something that cannot be undone; for what matters most, with a name to be typed. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title, confirmLabel, isDangerous = true } = props;
  // Another opening begins with nothing typed: the content is made anew.
  return (
    <Dialog open={open} onOpenChange={onOpenChange} title={title} size="small">
      {open ? <Content {...props} confirmLabel={confirmLabel} isDangerous={isDangerous} /> : null}
    </Dialog>
  );
}

function Content({ onOpenChange, children, confirmLabel, isDangerous, typeToConfirm, onConfirm }: ConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const { isBusy, error, run } = useWork();
  const input = useRef<HTMLInputElement>(null);
  const isReady = typeToConfirm === null || typeToConfirm === undefined || typed === typeToConfirm;

  async function confirm(): Promise<void> {
    if (isReady && (await run(async () => onConfirm()))) onOpenChange(false);
  }

  return (
    <form
      style={{ display: "contents" }}
      onSubmit={(event) => {
        event.preventDefault();
        void confirm();
      }}
    >
      <div>{children}</div>
      {typeToConfirm === null || typeToConfirm === undefined ? null : (
        <TextField
          ref={input}
          mono
          label={`Type ${visibleText(typeToConfirm)} to confirm`}
          value={typed}
          onChange={setTyped}
        />
      )}
      {error === null ? null : <ErrorPanel error={error} />}
      <div style={{ display: "flex", justifyContent: "flex-end", gap: 8, padding: "4px 0 12px" }}>
        <Button onClick={() => onOpenChange(false)}>Cancel</Button>
        <Button type="submit" variant={isDangerous ? "danger" : "primary"} disabled={!isReady} busy={isBusy}>
          {confirmLabel}
        </Button>
      </div>
    </form>
  );
}
