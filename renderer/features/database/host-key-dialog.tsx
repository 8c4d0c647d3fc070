import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import styles from "./connection-editor.module.css";
import { texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** Shows the key of an SSH server that is not known yet; only a person can say whether it is the right one. */
export function HostKeyDialog({ editor }: { readonly editor: ProfileEditor }) {
  const { hostKey, work } = editor;
  return (
    <Dialog
      open={hostKey !== null}
      size="small"
      title={texts.hostKeyTitle(visibleText(hostKey?.server ?? ""))}
      description={texts.hostKeyText}
      onOpenChange={(open) => {
        if (!open) editor.leaveHostKey();
      }}
      footer={
        <>
          <Button onClick={editor.leaveHostKey}>{texts.hostKeyLeave}</Button>
          <Button variant="primary" busy={work === "trusting"} onClick={() => void editor.trustHostKey()}>
            {texts.hostKeyTrust}
          </Button>
        </>
      }
    >
      {hostKey === null ? null : (
        <dl className={styles.hostKey}>
          <dt>{texts.hostKeyType}</dt>
          <dd>{visibleText(hostKey.keyType)}</dd>
          <dt>{texts.hostKeyFingerprint}</dt>
          <dd>{visibleText(hostKey.fingerprint)}</dd>
        </dl>
      )}
    </Dialog>
  );
}
