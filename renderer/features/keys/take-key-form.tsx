import { type ReactNode, useState } from "react";
import type { KeyView } from "../../../shared/contract/storage-views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./keys-screen.module.css";
import { type ChosenKit, KitFile } from "./kit-file.tsx";
import { texts } from "./texts.ts";

export interface TakeKeyFormProps {
  onTaken(key: KeyView): void;
  /** Before the button. */
  readonly actions?: ReactNode;
}

/** Takes a key in from its recovery kit. */
export function TakeKeyForm({ onTaken, actions }: TakeKeyFormProps) {
  const client = useClient();
  const [kit, setKit] = useState<ChosenKit | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const [name, setName] = useState("backups");
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<ErrorValue | null>(null);

  async function take(): Promise<void> {
    if (kit === null) return;
    setIsBusy(true);
    setError(null);
    try {
      onTaken(await client.invoke("keys.importKit", { kit: { from: "text", text: kit.text }, passphrase, name }));
    } catch (thrown) {
      setError(toErrorValue(thrown));
    }
    setPassphrase("");
    setIsBusy(false);
  }

  function choose(chosen: ChosenKit): void {
    setKit(chosen);
    // The kit names its key; it is the person's to change.
    const [, own] = /^Key\s+(\S+)$/m.exec(chosen.text) ?? /<dt>Key<\/dt><dd>([^<\s]+)<\/dd>/.exec(chosen.text) ?? [];
    if (own !== undefined) setName(own);
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
      <KitFile kit={kit} onChoose={choose} />
      <div className={styles.pair}>
        <TextField type="password" label={texts.passphrase} value={passphrase} onChange={setPassphrase} />
        <TextField label={texts.name} value={name} onChange={setName} />
      </div>
      {error === null ? null : <ErrorPanel error={error} />}
      <div className={styles.foot}>
        {actions}
        <Button
          variant="primary"
          type="submit"
          disabled={kit === null || passphrase === "" || name.trim() === ""}
          busy={isBusy}
        >
          {texts.takeNow}
        </Button>
      </div>
    </form>
  );
}
