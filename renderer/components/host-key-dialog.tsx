import type { HostKeyView } from "../../shared/contract/views.ts";
import { visibleText } from "../../shared/text/visible-text.ts";
import { Button } from "./button.tsx";
import { Dialog } from "./dialog.tsx";
import styles from "./host-key-dialog.module.css";

export interface HostKeyDialogProps {
  /** null: there is nothing to decide, and the dialog is closed. */
  readonly hostKey: HostKeyView | null;
  readonly isBusy: boolean;
  onTrust(): void;
  onLeave(): void;
}

const texts = {
  title: (server: string) => `Is this ${server}?`,
  text: "The SSH server is not known yet. Compare the fingerprint with the one its keeper tells you: somebody in between would show another. Nothing was sent so far.",
  type: "Kind of key",
  fingerprint: "Fingerprint",
  trust: "Trust it",
  leave: "Don’t trust it",
} as const;

/** Shows the key of an SSH server that is not known yet; only a person can say whether it is the right one. */
export function HostKeyDialog({ hostKey, isBusy, onTrust, onLeave }: HostKeyDialogProps) {
  return (
    <Dialog
      open={hostKey !== null}
      size="small"
      title={texts.title(visibleText(hostKey?.server ?? ""))}
      description={texts.text}
      onOpenChange={(open) => {
        if (!open) onLeave();
      }}
      footer={
        <>
          <Button onClick={onLeave}>{texts.leave}</Button>
          <Button variant="primary" busy={isBusy} onClick={onTrust}>
            {texts.trust}
          </Button>
        </>
      }
    >
      {hostKey === null ? null : (
        <dl className={styles.hostKey}>
          <dt>{texts.type}</dt>
          <dd>{visibleText(hostKey.keyType)}</dd>
          <dt>{texts.fingerprint}</dt>
          <dd>{visibleText(hostKey.fingerprint)}</dd>
        </dl>
      )}
    </Dialog>
  );
}
