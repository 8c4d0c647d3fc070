import { useState } from "react";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { TextField } from "../../components/text-field.tsx";
import { texts } from "./texts.ts";
import styles from "./thaw-card.module.css";

/** Asks for the passphrase of an archive that is encrypted with one. */
export function PassphraseCard({ onGiven }: { onGiven(passphrase: string): void }) {
  const [passphrase, setPassphrase] = useState("");
  return (
    <Card title={texts.passphraseTitle}>
      <form
        className={styles.row}
        onSubmit={(event) => {
          event.preventDefault();
          if (passphrase !== "") onGiven(passphrase);
        }}
      >
        <TextField
          mono
          type="password"
          autoComplete="off"
          label={texts.passphrase}
          hint={texts.passphraseHint}
          value={passphrase}
          onChange={setPassphrase}
        />
        <Button type="submit" variant="primary" disabled={passphrase === ""}>
          {texts.passphraseOpen}
        </Button>
      </form>
    </Card>
  );
}
