import { useState } from "react";
import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { ComparedRow, CompareView, PutBackPlanView } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Select } from "../../components/select.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { TextField } from "../../components/text-field.tsx";
import { fileNameOf } from "../archive/file-name.ts";
import { useTargets } from "../restore/use-targets.ts";
import { useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./compare-screen.module.css";
import { DifferenceTable } from "./difference-table.tsx";
import { PutBackDialog, Sentences } from "./put-back-dialog.tsx";
import { PutBackVerdict } from "./put-back-verdict.tsx";
import { texts } from "./texts.ts";
import { countTicked, firstTicks, keysOf } from "./ticks.ts";

type Connection = ArgsOf<"compare.run">["with"];

const urlKey = "url";
const passwordCodes = new Set(["connection.passwordMissing", "connection.authentication"]);
/** Rows of each kind that are shown. */
const shownRows = 200;

/** A table of an archive beside the live one: what is missing, changed and new, and what of it goes back. */
export function CompareScreen() {
  const route = useRoute();
  if (route.screen !== "compare") return null;
  return <Comparing key={`${route.path} ${route.dumpId}`} path={route.path} dumpId={route.dumpId} />;
}

function Comparing({ path, dumpId }: { readonly path: string; readonly dumpId: number }) {
  const client = useClient();
  const targets = useTargets();
  const [chosen, setChosen] = useState<string | null>(null);
  const [url, setUrl] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ErrorValue | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const [found, setFound] = useState<{ readonly view: CompareView; readonly connection: Connection } | null>(null);
  const isUrl = chosen === urlKey || targets?.length === 0;
  const target = targets?.find(({ key }) => key === chosen) ?? null;
  const connection = isUrl ? (url.trim() === "" ? null : ({ kind: "url", url: url.trim() } as const)) : target?.choice;

  async function compare(): Promise<void> {
    if (connection === null || connection === undefined || isBusy) return;
    setIsBusy(true);
    try {
      const given = password === "" ? {} : { password };
      const view = await client.invoke("compare.run", { path, dumpId, with: connection, limit: shownRows, ...given });
      setFound({ view, connection });
      setError(null);
    } catch (thrown) {
      setFound(null);
      setError(toErrorValue(thrown));
    }
    setIsBusy(false);
  }

  return (
    <Screen
      title={texts.screen}
      crumbs={[
        { label: texts.backups, to: { screen: "backups" } },
        { label: fileNameOf(path), to: { screen: "archive", path, dumpId } },
      ]}
      actions={null}
    >
      <div className={styles.page}>
        <form
          className={styles.choose}
          aria-label={texts.screen}
          onSubmit={(event) => {
            event.preventDefault();
            void compare();
          }}
        >
          <Select
            label={texts.with}
            value={isUrl ? urlKey : chosen}
            placeholder={texts.chooseTarget}
            options={[
              ...(targets ?? []).map(({ key, name, where }) => ({
                value: key,
                label: visibleText(name),
                description: visibleText(where),
              })),
              { value: urlKey, label: texts.otherServer },
            ]}
            onChange={(next) => {
              setChosen(next);
              setError(null);
            }}
          />
          {isUrl ? <TextField mono label={texts.url} hint={texts.urlHint} value={url} onChange={setUrl} /> : null}
          {(error !== null && passwordCodes.has(error.code)) || password !== "" ? (
            <TextField type="password" label={texts.password} value={password} onChange={setPassword} />
          ) : null}
          <Button type="submit" variant={found === null ? "primary" : "secondary"} busy={isBusy} disabled={!connection}>
            {found === null ? texts.compare : texts.again}
          </Button>
          <p className={styles.quiet}>{texts.lead}</p>
        </form>
        {error === null ? null : <ErrorPanel error={error} />}
        {found === null ? null : (
          <Compared
            // Another comparison begins with its own ticks.
            key={JSON.stringify([found.view.database, found.view.counts])}
            path={path}
            dumpId={dumpId}
            view={found.view}
            connection={found.connection}
            password={password}
          />
        )}
      </div>
    </Screen>
  );
}

interface ComparedProps {
  readonly path: string;
  readonly dumpId: number;
  readonly view: CompareView;
  readonly connection: Connection;
  readonly password: string;
}

function Compared({ path, dumpId, view, connection, password }: ComparedProps) {
  const client = useClient();
  const [kind, setKind] = useState<ComparedRow["kind"]>(
    view.counts.missing === 0 && view.counts.changed > 0 ? "changed" : "missing",
  );
  const [ticks, setTicks] = useState(firstTicks);
  const [plan, setPlan] = useState<PutBackPlanView | null>(null);
  const [jobId, setJobId] = useState<string | null>(null);
  const [error, setError] = useState<ErrorValue | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const count = view.hasKey ? countTicked(ticks, view) : 0;

  async function review(): Promise<void> {
    if (isBusy) return;
    setIsBusy(true);
    try {
      const keys = { missing: keysOf(ticks.missing), changed: keysOf(ticks.changed) };
      const given = password === "" ? {} : { password };
      setPlan(await client.invoke("putBack.plan", { path, dumpId, into: connection, ...keys, ...given }));
      setError(null);
    } catch (thrown) {
      setError(toErrorValue(thrown));
    }
    setIsBusy(false);
  }

  const table = (each: ComparedRow["kind"]) => (
    <DifferenceTable view={view} kind={each} ticks={ticks} onTicks={setTicks} />
  );
  return (
    <>
      <section className={styles.card} aria-label={visibleText(view.table)}>
        <header className={styles.head}>
          <h2 className={styles.title}>{visibleText(view.table)}</h2>
          <span className={styles.quiet}>
            {visibleText(`${view.database} · ${view.where}`)}, {texts.by(visibleText(view.key))},{" "}
            {texts.same(view.counts.same)}
          </span>
        </header>
        {view.notes.length === 0 ? null : <Sentences title={texts.notes} sentences={view.notes} />}
        <Tabs<ComparedRow["kind"]>
          label={texts.rows}
          value={kind}
          onChange={setKind}
          tabs={[
            { value: "missing", label: texts.missing(view.counts.missing), panel: table("missing") },
            { value: "changed", label: texts.changed(view.counts.changed), panel: table("changed") },
            { value: "added", label: texts.added(view.counts.added), panel: table("added") },
          ]}
        />
      </section>
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
