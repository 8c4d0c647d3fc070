import { type RefObject, useRef } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { TextField } from "../../components/text-field.tsx";
import type { BackupWish } from "../home/start-backup.ts";
import { formatRoute } from "../shell/router.ts";
import styles from "./first-run-screen.module.css";
import { takePasted } from "./pasted-url.ts";
import { texts } from "./texts.ts";

/** What was pasted so far, and the backup it asks for once it is understood. */
export interface OtherServer {
  readonly pasted: string;
  readonly wish: BackupWish | null;
}

export interface AnotherServerProps {
  /** null: folded. */
  readonly value: OtherServer | null;
  onChange(value: OtherServer | null): void;
}

/** A server that was not found: by a URL, or by the full form. */
export function AnotherServer({ value, onChange }: AnotherServerProps) {
  const input = useRef<HTMLInputElement>(null);
  return (
    <div className={styles.another}>
      <button
        type="button"
        className={styles.anotherToggle}
        aria-expanded={value !== null}
        onClick={() => {
          onChange(value === null ? { pasted: "", wish: null } : null);
          if (value === null) requestAnimationFrame(() => input.current?.focus());
        }}
      >
        <b>{texts.another}</b>
        <span>{texts.anotherHint}</span>
      </button>
      {value === null ? null : <Form value={value} onChange={onChange} input={input} />}
    </div>
  );
}

interface FormProps {
  readonly value: OtherServer;
  onChange(value: OtherServer): void;
  readonly input: RefObject<HTMLInputElement | null>;
}

function Form({ value, onChange, input }: FormProps) {
  const client = useClient();
  const url = takePasted(value.pasted);
  const parsed = useLoaded(url, async () => {
    if (url === "") return null;
    const answer = await client.invoke("profiles.parse", { text: url });
    const name = answer.profile.database;
    onChange({ pasted: value.pasted, wish: { connection: { kind: "url", url }, database: null, name } });
    return answer;
  });
  const understood = parsed.value;

  return (
    <div className={styles.anotherForm}>
      <TextField
        ref={input}
        mono
        label={texts.pasted}
        placeholder={texts.pastedPlaceholder}
        hint={texts.pastedHint}
        value={value.pasted}
        error={url === "" || parsed.isLoading ? null : (parsed.error?.message ?? null)}
        onChange={(pasted) => onChange({ pasted, wish: takePasted(pasted) === url ? value.wish : null })}
      />
      <div role="status">
        {understood === null ? null : (
          <p className={styles.understood}>{texts.understood(describe(understood.profile))}</p>
        )}
        {understood?.warnings.map((warning) => (
          <p key={warning} className={styles.warning}>
            {visibleText(warning)}
          </p>
        ))}
      </div>
      <a href={formatRoute({ screen: "database", name: null })}>{texts.fillIn}</a>
    </div>
  );
}

function describe({
  hosts,
  user,
  database,
}: {
  hosts: readonly { host: string; port: number }[];
  user: string;
  database: string;
}): string {
  const where = hosts.map(({ host, port }) => `${host}:${port}`).join(", ");
  return visibleText(texts.asked(user, where, database));
}
