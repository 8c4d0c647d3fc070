import { useState } from "react";
import type { BackupView, Capabilities } from "../../../shared/contract/views.ts";
import { ageRecipients } from "../../../shared/policy/recipients.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Visible } from "../../components/visible.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { useHello } from "../../stores/hello.ts";
import { useKeys } from "../../stores/keys.ts";
import { useStoredBackups } from "../../stores/storages.ts";
import { TakeKeyForm } from "../keys/take-key-form.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { StorageForm } from "../storage/storage-form.tsx";
import { TestCard } from "../storage/test-card.tsx";
import { useStorageEditor } from "../storage/use-storage-editor.ts";
import styles from "./new-machine-screen.module.css";
import { texts } from "./texts.ts";

/** From nothing but a storage's address and a recovery kit to every backup, listed and opened. */
export function NewMachineScreen() {
  const capabilities = useHello(({ value }) => value?.capabilities ?? null);
  const [storage, setStorage] = useState<string | null>(null);
  return (
    <Screen title={texts.title}>
      <p className={styles.lead}>{texts.lead}</p>
      {capabilities === null ? (
        <Skeleton label={texts.looking} />
      ) : storage === null ? (
        <FindStorage capabilities={capabilities} onFound={setStorage} />
      ) : (
        <Found storage={storage} />
      )}
    </Screen>
  );
}

interface FindStorageProps {
  readonly capabilities: Capabilities;
  onFound(name: string): void;
}

function FindStorage({ capabilities, onFound }: FindStorageProps) {
  const editor = useStorageEditor(null);

  async function find(): Promise<void> {
    const done = await editor.save();
    if (done !== null) onFound(done.name);
  }

  return (
    <div className={styles.columns}>
      <form
        className={styles.stack}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          void find();
        }}
      >
        <div>
          <h2 className={styles.step}>{texts.storage}</h2>
          <p className={styles.note}>{texts.storageText}</p>
        </div>
        <StorageForm isNew editor={editor} capabilities={capabilities} />
        {editor.error === null ? null : <ErrorPanel error={editor.error} />}
        <div>
          <Button type="submit" variant="primary" busy={editor.isSaving}>
            {texts.find}
          </Button>
        </div>
      </form>
      <div className={styles.aside}>
        <TestCard editor={editor} />
        <h2 className={styles.step}>{texts.kit}</h2>
        <p className={styles.note}>{texts.kitFirst}</p>
        <h2 className={styles.step}>{texts.backups}</h2>
        <p className={styles.note}>{texts.backupsFirst}</p>
      </div>
    </div>
  );
}

function Found({ storage }: { readonly storage: string }) {
  const { value, error, reload } = useStoredBackups(storage);
  const keys = useKeys(({ value: known }) => known) ?? [];
  const here = new Set(keys.filter(({ keptIn }) => keptIn !== null).map(({ recipient }) => recipient));
  const backups = value?.backups ?? [];
  const locked = backups.filter((backup) => !opens(backup, here));
  const [taken, setTaken] = useState<string | null>(null);

  if (error !== null)
    return (
      <ErrorPanel
        error={error}
        actions={
          <>
            <Button onClick={reload}>{texts.again}</Button>
            <Button onClick={() => navigate({ screen: "storage", name: storage, tab: "settings" })}>
              {texts.changeStorage}
            </Button>
          </>
        }
      />
    );
  if (value === null) return <Skeleton label={texts.looking} lines={[50, 80, 74]} />;
  const encrypted = backups.filter(({ recipients }) => recipients.length > 0);
  return (
    <div className={styles.stack}>
      <Card
        title={texts.found(visibleText(storage))}
        actions={<a href={formatRoute({ screen: "storage", name: storage })}>{texts.all}</a>}
      >
        {backups.length === 0 ? (
          <p className={styles.said}>
            <ToneIcon tone="warn" />
            {texts.nothing}
          </p>
        ) : (
          <p>
            {texts.summary(
              backups.length,
              new Set(backups.map(({ database }) => database)).size,
              backups.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
            )}
          </p>
        )}
      </Card>
      {encrypted.length === 0 ? null : (
        <Card title={texts.kit}>
          <div className={styles.stack}>
            {taken === null ? null : (
              <p className={styles.said} role="status">
                <ToneIcon tone="good" />
                {texts.kitOpens(visibleText(taken), encrypted.length - locked.length)}
              </p>
            )}
            {locked.length === 0 ? null : (
              <>
                <p>{taken === null ? texts.kitText(locked.length) : texts.kitOther(locked.length)}</p>
                <TakeKeyForm key={taken} onTaken={({ name }) => setTaken(name)} />
              </>
            )}
          </div>
        </Card>
      )}
      {backups.length === 0 ? null : <Databases backups={backups} here={here} />}
    </div>
  );
}

function opens({ recipients }: BackupView, here: ReadonlySet<string>): boolean {
  // For keys of gpg's own keyring no kit helps.
  const ours = ageRecipients(recipients);
  return ours.length === 0 || ours.some((recipient) => here.has(recipient));
}

interface DatabasesProps {
  readonly backups: readonly BackupView[];
  readonly here: ReadonlySet<string>;
}

/** The newest backup of each database, and whether it can be opened now. */
function Databases({ backups, here }: DatabasesProps) {
  const newest = new Map<string, { readonly backup: BackupView; readonly count: number }>();
  for (const backup of backups) {
    const found = newest.get(backup.database);
    newest.set(backup.database, { backup: found?.backup ?? backup, count: (found?.count ?? 0) + 1 });
  }
  return (
    <Card flush title={texts.backups}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{texts.database}</th>
            <th scope="col">{texts.newest}</th>
            <th scope="col">{texts.count}</th>
            <th scope="col">{texts.state}</th>
            <th scope="col">
              <VisuallyHidden>{texts.open}</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {[...newest].map(([database, { backup, count }]) => (
            <tr key={database}>
              <th scope="row">
                <Visible text={database} limit={40} />
              </th>
              <td>
                <RelativeTime iso={backup.startedAt} />
              </td>
              <td>{count}</td>
              <td>
                {opens(backup, here) ? (
                  <Badge tone="good">{texts.opens}</Badge>
                ) : (
                  <Badge tone="warn">{texts.locked}</Badge>
                )}
              </td>
              <td className={styles.action}>
                <Button
                  size="small"
                  disabled={!opens(backup, here)}
                  onClick={() => navigate({ screen: "archive", path: backup.path })}
                >
                  {texts.open}
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
