import { type ReactNode, useState } from "react";
import type { KeyView } from "../../../shared/contract/storage-views.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import styles from "./keys-screen.module.css";
import { type ChosenKit, KitFile } from "./kit-file.tsx";
import { needsNoPassphrase, publicKeyIn } from "./ssh-key.ts";
import { texts } from "./texts.ts";

export interface TakeKeyFormProps {
  onTaken(key: KeyView): void;
  /** Before the button. */
  readonly actions?: ReactNode;
}

/** Takes a key in from its recovery kit, an SSH private key, or an SSH public one to encrypt for. */
export function TakeKeyForm({ onTaken, actions }: TakeKeyFormProps) {
  const client = useClient();
  const [kit, setKit] = useState<ChosenKit | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [name, setName] = useState("backups");
  const { isBusy, error, run } = useWork();

  const publicKey = kit === null ? null : publicKeyIn(kit.text);
  const isOpen = publicKey !== null || (kit !== null && needsNoPassphrase(kit.text));

  async function take(): Promise<void> {
    if (kit === null) return;
    await run(async () =>
      onTaken(
        publicKey === null
          ? await client.invoke("keys.importKit", { kit: { from: "text", text: kit.text }, passphrase, name })
          : await client.invoke("keys.add", { recipient: publicKey.line, name }),
      ),
    );
    setPassphrase("");
  }

  function choose(chosen: ChosenKit): void {
    setKit(chosen);
    // The kit names its key; it is the person's to change.
    const [, own] = /^Key\s+(\S+)$/m.exec(chosen.text) ?? /<dt>Key<\/dt><dd>([^<\s]+)<\/dd>/.exec(chosen.text) ?? [];
    if (own !== undefined) setName(own);
    else if (publicKeyIn(chosen.text) !== null || needsNoPassphrase(chosen.text)) setName("ssh");
  }

  return (
    <form
      className={styles.fields}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void take();
      }}
    >
      <KitFile kit={kit} onChoose={choose} choose={texts.chooseKitOrKey} />
      <div className={styles.pair}>
        {publicKey === null ? (
          <TextField type="password" label={texts.passphrase} value={passphrase} onChange={setPassphrase} />
        ) : null}
        <TextField label={texts.name} value={name} onChange={setName} />
      </div>
      {publicKey === null ? null : <p className={styles.note}>{texts.takePublic}</p>}
      {error === null ? null : <ErrorPanel error={error} />}
      <div className={styles.foot}>
        {actions}
        <Button
          variant="primary"
          type="submit"
          disabled={kit === null || (passphrase === "" && !isOpen) || name.trim() === ""}
          busy={isBusy}
        >
          {texts.takeNow}
        </Button>
      </div>
    </form>
  );
}
