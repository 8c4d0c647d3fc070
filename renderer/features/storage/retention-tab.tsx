import { useDeferredValue, useEffect, useRef, useState } from "react";
import type { PrunePreview, StorageView } from "../../../shared/contract/storage-views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { parseRetentionPolicy } from "../../../shared/policy/retention-policy.ts";
import { formatTime } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Select } from "../../components/select.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { TextField } from "../../components/text-field.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { useStoredBackups } from "../../stores/storages.ts";
import { navigate } from "../shell/router.ts";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";

const ALL = "";
const { timeZone } = Intl.DateTimeFormat().resolvedOptions();

/** Which backups stay in a storage: the policy in words, what it would do now and why, and doing it. */
export function RetentionTab({ storage }: { readonly storage: StorageView }) {
  const client = useClient();
  const { name } = storage;
  const [keep, setKeep] = useState(storage.retention ?? texts.keepOffers[0]);
  const [database, setDatabase] = useState<string | null>(null);
  const databases = [...new Set(useStoredBackups(name).value?.backups.map((backup) => backup.database))].toSorted();
  const fault = whyNot(keep);
  const settled = useSettled(keep);

  async function remember(): Promise<void> {
    try {
      await client.invoke("storages.setRetention", { name, keep });
      notify({ tone: "good", title: texts.keepSaved });
    } catch (thrown) {
      notifyError(toErrorValue(thrown));
    }
  }

  return (
    <>
      <Card title={texts.keepTitle}>
        <div className={styles.fields}>
          <div className={styles.pair}>
            <TextField label={texts.keep} value={keep} onChange={setKeep} hint={texts.keepHint} error={fault} />
            <Select
              label={texts.keepDatabase}
              value={database === null ? ALL : String(databases.indexOf(database))}
              options={[
                { value: ALL, label: texts.keepAll },
                ...databases.map((each, index) => ({ value: String(index), label: visibleText(each) })),
              ]}
              onChange={(index) => setDatabase(index === ALL ? null : (databases[Number(index)] ?? null))}
            />
          </div>
          <div className={styles.offers}>
            <span className={styles.note}>{texts.keepOften}:</span>
            {texts.keepOffers.map((offer) => (
              <Button key={offer} size="small" onClick={() => setKeep(offer)}>
                {offer}
              </Button>
            ))}
          </div>
          <p className={styles.said}>
            <ToneIcon tone="info" />
            {texts.keepAlways}
          </p>
          <div>
            <Button disabled={fault !== null || keep === storage.retention} onClick={() => void remember()}>
              {keep === storage.retention ? texts.keepSaved : texts.keepSave}
            </Button>
          </div>
        </div>
      </Card>
      {fault === null && settled === keep ? <Preview name={name} keep={keep} database={database} /> : null}
    </>
  );
}

/** Half a word is no policy: it is asked for when the typing rests. */
function useSettled(text: string): string {
  const deferred = useDeferredValue(text);
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(deferred), 300);
    return () => clearTimeout(timer);
  }, [deferred]);
  return settled;
}

function whyNot(keep: string): string | null {
  try {
    parseRetentionPolicy(keep);
    return null;
  } catch (thrown) {
    return toErrorValue(thrown).message;
  }
}

interface PreviewProps {
  readonly name: string;
  readonly keep: string;
  readonly database: string | null;
}

function Preview({ name, keep, database }: PreviewProps) {
  const client = useClient();
  const [isAsking, setIsAsking] = useState(false);
  const { value, error, isLoading, reload } = useLoaded(`${name}\n${keep}\n${database}`, () =>
    client.invoke("storages.prunePreview", { name, keep, database, timeZone }),
  );
  useReloadAfterChange(name, reload);
  if (error !== null) return <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />;
  if (value === null)
    return (
      <Card>
        <Skeleton label={texts.keepLooking} lines={[30, 90, 84, 88, 60]} />
      </Card>
    );
  const due = value.backups.filter(({ verdict }) => verdict === "due");

  async function prune(): Promise<void> {
    const agreed = due.map(({ path }) => path);
    const { jobId } = await client.invoke("storages.prune", { name, keep, database, timeZone, agreed });
    notify({
      tone: "info",
      title: texts.pruneStarted,
      action: { label: texts.show, run: () => navigate({ screen: "activity", jobId }) },
    });
  }

  return (
    <Card
      flush
      title={texts.keepSummary(value.backups.length - due.length, due.length, value.dueBytes)}
      actions={
        due.length === 0 ? null : (
          <Button disabled={isLoading} onClick={() => setIsAsking(true)}>
            {texts.prune(due.length)}
          </Button>
        )
      }
    >
      <Holds holds={value.holds} />
      {value.keepsVersions && due.length > 0 ? (
        <p className={styles.said} style={{ padding: "8px 16px" }}>
          <ToneIcon tone="info" />
          {texts.keepVersions}
        </p>
      ) : null}
      <Planned preview={value} />
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.pruneQuestion(due.length, visibleText(name))}
        confirmLabel={texts.pruneConfirm}
        typeToConfirm={name}
        onConfirm={prune}
      >
        {texts.pruneWhat(value.dueBytes)}
      </ConfirmDialog>
    </Card>
  );
}

/** What lies there is another since: a clean-up has ended, a backup has come. */
function useReloadAfterChange(name: string, reload: () => void): void {
  const listing = useStoredBackups(name).value;
  const last = useRef(listing);
  useEffect(() => {
    if (last.current !== null && last.current !== listing) reload();
    last.current = listing;
  }, [listing, reload]);
}

function Holds({ holds }: Pick<PrunePreview, "holds">) {
  return holds.map(({ database, reason }) => (
    <p key={`${database} ${reason}`} className={styles.said} style={{ padding: "8px 16px" }}>
      <ToneIcon tone="warn" />
      {visibleText(texts.hold(database, reason))}
    </p>
  ));
}

/** What goes stands first: it is what has to be looked at. */
function Planned({ preview }: { readonly preview: PrunePreview }) {
  const [mostShown, setMostShown] = useState(200);
  const rows = preview.backups.toSorted(
    (one, other) => Number(other.verdict === "due") - Number(one.verdict === "due"),
  );
  if (rows.length === 0)
    return (
      <p className={styles.note} style={{ padding: 16 }}>
        {texts.keepNone}
      </p>
    );
  return (
    <>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{texts.keepColumns.made}</th>
            <th scope="col">{texts.keepColumns.database}</th>
            <th scope="col" className={styles.number}>
              {texts.keepColumns.size}
            </th>
            <th scope="col">{texts.keepColumns.verdict}</th>
            <th scope="col">{texts.keepColumns.why}</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, mostShown).map(({ path, madeAt, database, sizeBytes, verdict, reasons }) => (
            <tr key={path}>
              <td className={styles.nowrap}>{formatTime(madeAt)}</td>
              <td>
                <Visible text={database} limit={30} />
              </td>
              <td className={styles.number}>
                <Bytes bytes={sizeBytes} />
              </td>
              <td>
                {verdict === "due" ? <Badge tone="warn">{texts.due}</Badge> : <Badge tone="good">{texts.stays}</Badge>}
              </td>
              <td className={styles.why}>{visibleText(reasons.join("; "))}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > mostShown ? (
        <p style={{ padding: "6px 10px" }}>
          <Button size="small" variant="quiet" onClick={() => setMostShown(rows.length)}>
            {texts.more(rows.length - mostShown)}
          </Button>
        </p>
      ) : null}
    </>
  );
}
