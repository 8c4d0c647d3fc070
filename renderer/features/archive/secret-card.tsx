import { FolderOpen, KeyRound } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { ErrorValue } from "../../../shared/error/app-error.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { TextField } from "../../components/text-field.tsx";
import { KitFile } from "../keys/kit-file.tsx";
import styles from "./secret-card.module.css";
import { texts } from "./texts.ts";

/** An archive that is encrypted in one of these ways asks for what opens it; the others are errors like any. */
export function asksForSecret({ code }: ErrorValue): boolean {
  return code in asked;
}

const asked: Readonly<Record<string, "passphrase" | "databasusKey">> = {
  "encryption.passphraseMissing": "passphrase",
  "encryption.wrongPassphrase": "passphrase",
  "encryption.databasusKeyMissing": "databasusKey",
  "encryption.databasusKeyWrong": "databasusKey",
};
const wrong = new Set(["encryption.wrongPassphrase", "encryption.databasusKeyWrong"]);

/** Two ids make a Databasus's key; what is much longer is another file. */
const mostCharacters = 2000;

export interface SecretCardProps {
  /** What opening it came to: which secret is asked for, and whether one was wrong. */
  readonly error: ErrorValue;
  onGiven(secret: { readonly passphrase: string } | { readonly databasusKey: string }): void;
  onOtherFile(): void;
}

/** Asks for what opens an encrypted archive. It goes to the services once and never comes back. */
export function SecretCard({ error, onGiven, onOtherFile }: SecretCardProps) {
  const [typed, setTyped] = useState("");
  const [file, setFile] = useState<{ readonly name: string; readonly text: string } | null>(null);
  const what = asked[error.code] ?? "passphrase";
  const isKey = what === "databasusKey";
  const secret = isKey ? (typed === "" ? (file?.text ?? "") : typed).trim() : typed;
  const words = texts.secrets[what];
  return (
    <Card title={<Title>{words.title}</Title>}>
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (secret !== "") onGiven(isKey ? { databasusKey: secret } : { passphrase: secret });
        }}
      >
        <p>{words.text}</p>
        {isKey ? <KitFile kit={file} choose={texts.databasusFile} onChoose={setFile} /> : null}
        <TextField
          mono
          // oxlint-disable-next-line jsx-a11y/no-autofocus -- nothing else can be done with such an archive
          autoFocus
          type="password"
          autoComplete="off"
          maxLength={mostCharacters}
          label={words.label}
          hint={texts.secretHint}
          error={wrong.has(error.code) && typed === "" && file === null ? words.wrong : null}
          value={typed}
          onChange={setTyped}
        />
        <div className={styles.actions}>
          <Button type="submit" variant="primary" disabled={secret === "" || secret.length > mostCharacters}>
            {texts.secretOpen}
          </Button>
          <Button onClick={onOtherFile} icon={<FolderOpen aria-hidden />}>
            {texts.otherFile}
          </Button>
        </div>
      </form>
    </Card>
  );
}

function Title({ children }: { readonly children: ReactNode }) {
  return (
    <span className={styles.title}>
      <KeyRound aria-hidden />
      {children}
    </span>
  );
}
