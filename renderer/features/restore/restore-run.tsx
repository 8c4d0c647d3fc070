import { Activity, Link2, RotateCcw } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { formatName } from "../../../shared/command/names.ts";
import type { RestoredDatabase, RestoredTable, RestoreResult } from "../../../shared/contract/job-results.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Job } from "../../../shared/job/job.ts";
import { nextName } from "../../../shared/restore/database-definition.ts";
import type { FailedEntry } from "../../../shared/restore/judge.ts";
import { formatCount, formatDuration } from "../../../shared/text/format.ts";
import { visibleLines, visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge, type Tone, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { CommandBlock } from "../../components/command-block.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { useNow } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { isLive } from "../../stores/jobs.ts";
import { navigate } from "../shell/router.ts";
import { connectionUrl } from "./connection-url.ts";
import { leadOf } from "./restore-review.tsx";
import styles from "./restore-run.module.css";
import { type PlannedRestore, restoreStoreOf } from "./restore-store.ts";
import { texts } from "./texts.ts";
import { WayBack } from "./way-back.tsx";

export interface RestoreRunProps {
  readonly planned: PlannedRestore;
  /** undefined before the services tell of it. */
  readonly job: Job | undefined;
}

/** A restore while it runs, then what it came to. */
export function RestoreRun({ planned, job }: RestoreRunProps) {
  if (job === undefined)
    return (
      <div className={styles.page}>
        <Skeleton label={texts.running} />
      </div>
    );
  return (
    <div className={styles.page}>
      {isLive(job) ? <Running planned={planned} job={job} /> : <Ended planned={planned} job={job} />}
    </div>
  );
}

function Running({ planned, job }: { readonly planned: PlannedRestore; readonly job: Job }) {
  const client = useClient();
  const now = useNow();
  const [isAsking, setIsAsking] = useState(false);
  const step = job.steps.findLast(({ endedAt }) => endedAt === null)?.name ?? job.steps.at(-1)?.name;
  const current = job.progress?.current ?? null;
  const startedAt = Date.parse(job.startedAt ?? job.createdAt);
  const isCancelling = job.state === "cancelling";
  return (
    <div className={styles.sheet}>
      <h2 className={styles.heading}>{leadOf(planned)}</h2>
      <Card>
        <div className={styles.live}>
          <div className={styles.now}>
            <b>{isCancelling ? texts.cancelling : (step ?? texts.running)}</b>
            {current === null ? null : (
              <span className={styles.current}>
                <Visible text={current.label} limit={64} />
                {current.rows === null ? null : ` · ${texts.rows(current.rows)}`}
              </span>
            )}
          </div>
          <ProgressBar progress={job.progress} label={texts.running} />
          <div className={styles.under}>
            <span>{texts.elapsed(Math.max(1, Math.round((now - startedAt) / 1000)) * 1000)}</span>
            <Button disabled={isCancelling} onClick={() => setIsAsking(true)}>
              {isCancelling ? texts.cancelling : texts.cancel}
            </Button>
          </div>
        </div>
      </Card>
      <p className={styles.hint}>{texts.canLeave}</p>
      <ConfirmDialog
        open={isAsking}
        onOpenChange={setIsAsking}
        title={texts.cancelTitle}
        confirmLabel={texts.cancelConfirm}
        onConfirm={async () => {
          await client.invoke("jobs.cancel", { id: job.id });
        }}
      >
        {texts.cancelText}
      </ConfirmDialog>
    </div>
  );
}

function Ended({ planned, job }: { readonly planned: PlannedRestore; readonly job: Job }) {
  const heading = useRef<HTMLHeadingElement>(null);
  // The verdict takes the focus: the button that was pressed is gone.
  useEffect(() => heading.current?.focus(), []);
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what a restore leaves in its record
  const result = job.state === "succeeded" || job.state === "finishedWithErrors" ? (job.result as RestoreResult) : null;
  const { tone, title, text } = verdictOf(job, result);
  return (
    <div className={styles.sheet}>
      <header className={styles.verdict}>
        <ToneIcon tone={tone} />
        <div>
          <h2 ref={heading} tabIndex={-1} className={styles.heading}>
            {title}
          </h2>
          <p className={styles.said}>{text}</p>
        </div>
      </header>
      {job.error === null || job.state === "cancelled" ? null : <ErrorPanel error={job.error} isNew={false} />}
      {result === null ? null : <WayBack planned={planned} job={job} result={result} />}
      <Offers planned={planned} job={job} result={result} />
      {result === null ? null : <Failures failed={result.failed} />}
      {result?.databases === undefined ? null : (
        <DatabaseVerdicts databases={result.databases} globals={result.globals} />
      )}
      {result === null || result.tables.length === 0 ? null : <TableVerdicts tables={result.tables} />}
      {result === null ? null : <Notes result={result} />}
    </div>
  );
}

function verdictOf(
  job: Job,
  result: RestoreResult | null,
): { tone: Exclude<Tone, "neutral">; title: string; text: string } {
  if (result !== null) {
    const came = result.databases?.filter(({ restoredAs }) => restoredAs !== null) ?? [];
    const database = visibleText(result.target.database ?? texts.newDatabases(came.length));
    if (job.state === "finishedWithErrors")
      return {
        tone: "warn",
        title: texts.partlyTitle(database),
        text: texts.partlyText(result.entriesRestored, result.entriesChosen, result.elapsedMs),
      };
    const { tables } = result;
    const isCounted = tables.every(({ rowsRestored, rowsExpected }) => rowsRestored !== null && rowsExpected !== null);
    const rows = tables.reduce((sum, { rowsRestored }) => sum + (rowsRestored ?? 0), 0);
    const text =
      tables.length === 0
        ? texts.doneNoTables(result.entriesRestored, result.elapsedMs)
        : isCounted
          ? texts.doneText(tables.length, rows, result.elapsedMs)
          : texts.doneUncounted(tables.length, result.elapsedMs);
    return { tone: "good", title: texts.doneTitle(database), text };
  }
  if (job.state === "cancelled")
    return {
      tone: "info",
      title: texts.cancelledTitle,
      text: visibleLines(job.error?.detail ?? texts.cancelledText),
    };
  if (job.state === "interrupted") return { tone: "warn", title: texts.interruptedTitle, text: texts.interruptedText };
  return { tone: "bad", title: texts.failedTitle, text: "" };
}

function Failures({ failed }: { readonly failed: readonly FailedEntry[] }) {
  const missing = failed.filter(({ objectIsThere }) => !objectIsThere);
  const wrong = failed.filter(({ objectIsThere }) => objectIsThere);
  return (
    <>
      {missing.length === 0 ? null : <FailureList title={texts.missing(missing.length)} tone="bad" failed={missing} />}
      {wrong.length === 0 ? null : <FailureList title={texts.notWhole(wrong.length)} tone="warn" failed={wrong} />}
    </>
  );
}

interface FailureListProps {
  readonly title: string;
  readonly tone: "bad" | "warn";
  readonly failed: readonly FailedEntry[];
}

function FailureList({ title, tone, failed }: FailureListProps) {
  return (
    <Card title={title} actions={<ToneIcon tone={tone} />} flush>
      <ul className={styles.failures}>
        {failed.slice(0, 200).map(({ dumpId, desc, name, reason, meaning, remedy }, index) => (
          // oxlint-disable-next-line react/no-array-index-key -- entries without an id may say the same twice; the list never changes
          <li key={`${dumpId} ${index}`}>
            <b>
              {desc === "ACL" ? texts.privilegesOn : visibleText(desc.toLowerCase())} <Visible text={name} limit={70} />
            </b>
            <p className={styles.reason}>{visibleText(reason)}</p>
            {meaning === null ? null : <p>{visibleText(meaning)}</p>}
            {remedy === null ? null : <p className={styles.remedy}>{visibleText(remedy)}</p>}
          </li>
        ))}
        {failed.length > 200 ? <li>{texts.andMore(failed.length - 200)}</li> : null}
      </ul>
    </Card>
  );
}

/** What mends it, and what comes next. */
function Offers({
  planned,
  job,
  result,
}: {
  readonly planned: PlannedRestore;
  readonly job: Job;
  readonly result: RestoreResult | null;
}) {
  const store = restoreStoreOf(useClient());
  const [isBusy, setIsBusy] = useState(false);
  const { request } = planned;
  const words = [job.error?.message, job.error?.detail, ...(result?.failed.map(({ reason }) => reason) ?? [])].join(
    "\n",
  );
  const isAboutRoles =
    /role ".*" does not exist|must be (able to SET ROLE|member of role|owner of)|permission denied to set role/i.test(
      words,
    );
  const isWhole = job.state === "succeeded";

  async function again(change: { noOwner?: boolean; noPrivileges?: boolean }): Promise<void> {
    setIsBusy(true);
    try {
      // Several get names of their own, which end with the time.
      const isNewName = request.mode === "new-database" && result !== null && result.databases === undefined;
      const plan = await store.plan(
        {
          ...request,
          ...change,
          // The first attempt's database is there still, with what came: it is not written into again.
          newDatabaseName: isNewName
            ? nextName(request.newDatabaseName ?? planned.plan.database)
            : request.newDatabaseName,
        },
        { kindOf: (dumpId) => planned.kinds.get(dumpId) ?? null, objects: planned.objects },
      );
      navigate({ screen: "restore", planId: plan.planId, path: request.path });
    } catch (thrown) {
      notifyError(toErrorValue(thrown));
    }
    setIsBusy(false);
  }

  const database = result?.target.database ?? null;
  const url = result === null || database === null ? null : connectionUrl({ ...result.target, database });
  return (
    <div className={styles.offers}>
      {!isWhole && isAboutRoles && !request.noOwner ? (
        <Button variant="primary" busy={isBusy} onClick={() => void again({ noOwner: true, noPrivileges: true })}>
          {texts.without}
        </Button>
      ) : null}
      {isWhole ? null : (
        <Button icon={<RotateCcw aria-hidden />} busy={isBusy} onClick={() => void again({})}>
          {texts.again}
        </Button>
      )}
      {url === null ? null : (
        <Button
          icon={<Link2 aria-hidden />}
          title={url}
          onClick={() =>
            void navigator.clipboard
              .writeText(url)
              .then(() => notify({ tone: "good", title: texts.urlCopied, text: texts.copyUrlText }))
          }
        >
          {texts.copyUrl}
        </Button>
      )}
      <Button icon={<Activity aria-hidden />} onClick={() => navigate({ screen: "activity", jobId: job.id })}>
        {texts.openActivity}
      </Button>
      <Button variant="quiet" onClick={() => navigate({ screen: "archive", path: request.path })}>
        {texts.restoreMore}
      </Button>
    </div>
  );
}

const databaseTones = { succeeded: "good", finishedWithErrors: "warn", failed: "bad" } as const;

interface DatabaseVerdictsProps {
  readonly databases: readonly RestoredDatabase[];
  readonly globals: string | undefined;
}

function DatabaseVerdicts({ databases, globals }: DatabaseVerdictsProps) {
  return (
    <Card title={texts.databases} flush>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div className={styles.tableFrame} tabIndex={0} role="group" aria-label={texts.databases}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.inScript}</th>
              <th scope="col">{texts.restoredAs}</th>
              <th scope="col">{texts.verdict}</th>
            </tr>
          </thead>
          <tbody>
            {databases.map(({ name, restoredAs, state }) => (
              <tr key={name}>
                <th scope="row">
                  <Visible text={name} limit={40} />
                </th>
                <td>{restoredAs === null ? null : <Visible text={restoredAs} limit={64} />}</td>
                <td className={styles.word}>
                  <Badge tone={databaseTones[state]}>{texts.databaseStates[state]}</Badge>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {globals === undefined ? null : <p className={styles.rest}>{visibleText(globals)}</p>}
    </Card>
  );
}

function TableVerdicts({ tables }: { readonly tables: readonly RestoredTable[] }) {
  return (
    <Card title={texts.restoredTables} flush>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard */}
      <div className={styles.tableFrame} tabIndex={0} role="group" aria-label={texts.restoredTables}>
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">{texts.table}</th>
              <th scope="col" className={styles.number}>
                {texts.expected}
              </th>
              <th scope="col" className={styles.number}>
                {texts.restored}
              </th>
              <th scope="col">{texts.verdict}</th>
            </tr>
          </thead>
          <tbody>
            {tables.slice(0, 1000).map(({ database, schema, name, rowsExpected, rowsRestored }) => {
              const isCounted = rowsExpected !== null && rowsRestored !== null;
              return (
                <tr key={JSON.stringify([database, schema, name])}>
                  <th scope="row">
                    <Visible text={formatName(schema, name)} limit={56} />
                    {database === undefined ? null : (
                      <span className={styles.inside}>
                        <Visible text={database} limit={40} />
                      </span>
                    )}
                  </th>
                  <td className={styles.number}>
                    {rowsExpected === null ? texts.notCounted : formatCount(rowsExpected)}
                  </td>
                  <td className={styles.number}>
                    {rowsRestored === null ? texts.notCounted : formatCount(rowsRestored)}
                  </td>
                  <td className={styles.word}>
                    {isCounted ? (
                      <Badge tone={rowsExpected === rowsRestored ? "good" : "warn"}>
                        {rowsExpected === rowsRestored ? texts.matches : texts.differs}
                      </Badge>
                    ) : null}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      {tables.length > 1000 ? <p className={styles.rest}>{texts.andMore(tables.length - 1000)}</p> : null}
    </Card>
  );
}

function Notes({ result }: { readonly result: RestoreResult }) {
  const notes = [...result.notes, ...result.warnings];
  return (
    <details className={styles.details}>
      <summary>{texts.whatRan}</summary>
      {notes.length === 0 ? null : (
        <ul className={styles.notes}>
          {notes.map((note) => (
            <li key={note}>{visibleText(note)}</li>
          ))}
        </ul>
      )}
      <p className={styles.phases}>
        {result.phases.map(({ name, elapsedMs }) => `${visibleText(name)} ${formatDuration(elapsedMs)}`).join(" · ")}
      </p>
      {result.command.length === 0 ? null : (
        <CommandBlock commands={[result.command.join(" ")]} label={texts.command} />
      )}
    </details>
  );
}
