import { useState } from "react";
import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { ComparedRow, CompareView, PutBackPlanView } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { useWork } from "../../components/use-work.ts";
import styles from "./compare-screen.module.css";
import { DifferenceTable, type DifferenceTableProps } from "./difference-table.tsx";
import { PutBackDialog, Sentences } from "./put-back-dialog.tsx";
import { PutBackVerdict } from "./put-back-verdict.tsx";
import { texts } from "./texts.ts";
import { countTicked, firstTicks, keysOf } from "./ticks.ts";

type Kind = ComparedRow["kind"];

interface ComparedProps {
  readonly path: string;
  readonly dumpId: number;
  readonly view: CompareView;
  readonly connection: ArgsOf<"putBack.plan">["into"];
  readonly password: string;
}

/** What is missing, changed and new in the live table, and what of it goes back. */
export function Compared({ path, dumpId, view, connection, password }: ComparedProps) {
  const client = useClient();
  const { isBusy, error, run } = useWork();
  const [ticks, setTicks] = useState(firstTicks);
  const [plan, setPlan] = useState<PutBackPlanView | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const count = view.hasKey ? countTicked(ticks, view) : 0;

  async function review(): Promise<void> {
    const keys = { missing: keysOf(ticks.missing), changed: keysOf(ticks.changed) };
    const given = password === "" ? {} : { password };
    await run(async () =>
      setPlan(await client.invoke("putBack.plan", { path, dumpId, into: connection, ...keys, ...given })),
    );
  }

  return (
    <>
      <Differences
        view={view}
        labels={{
          missing: texts.missing(view.counts.missing),
          changed: texts.changed(view.counts.changed),
          added: texts.added(view.counts.added),
        }}
        ticking={{ ticks, onTicks: setTicks }}
      />
      {error === null ? null : <ErrorPanel error={error} />}
      {jobId === null ? (
        <div className={styles.foot}>
          <span className={styles.quiet}>
            {view.hasKey ? (count === 0 ? texts.nothingTicked : texts.oneTransaction) : texts.noKey}
          </span>
          <Button variant="primary" size="large" disabled={count === 0} busy={isBusy} onClick={() => void review()}>
            {texts.review(count)}
          </Button>
        </div>
      ) : (
        <PutBackVerdict jobId={jobId} view={view} password={password} />
      )}
      {plan === null ? null : (
        <PutBackDialog
          plan={plan}
          onClose={() => setPlan(null)}
          onStarted={(started) => {
            setPlan(null);
            setJobId(started);
          }}
        />
      )}
    </>
  );
}

/** What differs between the tables of two archives; nothing of it goes anywhere. */
export function ComparedArchives({ view }: { readonly view: CompareView }) {
  const only = { missing: texts.only(view.counts.missing).missing, added: texts.only(view.counts.added).added };
  return (
    <>
      <Differences view={view} labels={{ ...only, changed: texts.changed(view.counts.changed) }} ticking={null} />
      <p className={styles.quiet}>{texts.noPutBack}</p>
    </>
  );
}

interface DifferencesProps {
  readonly view: CompareView;
  readonly labels: Readonly<Record<Kind, string>>;
  readonly ticking: DifferenceTableProps["ticking"];
}

function Differences({ view, labels, ticking }: DifferencesProps) {
  const { missing, changed, added } = view.counts;
  const [kind, setKind] = useState<Kind>(
    missing > 0 || changed + added === 0 ? "missing" : changed > 0 ? "changed" : "missing",
  );
  const where = [view.database, view.where].filter((part) => part !== null && part !== "").join(" · ");
  return (
    <section className={styles.card} aria-label={visibleText(view.table)}>
      <header className={styles.head}>
        <h2 className={styles.title}>{visibleText(view.table)}</h2>
        <span className={styles.quiet}>
          {visibleText(where)}, {texts.by(visibleText(view.key))}, {texts.same(view.counts.same)}
        </span>
      </header>
      {view.notes.length === 0 ? null : <Sentences title={texts.notes} sentences={view.notes} />}
      <Tabs<Kind>
        label={texts.rows}
        value={kind}
        onChange={setKind}
        tabs={(["missing", "changed", "added"] as const).map((value) => ({
          value,
          label: labels[value],
          panel: <DifferenceTable view={view} kind={value} ticking={ticking} />,
        }))}
      />
    </section>
  );
}
