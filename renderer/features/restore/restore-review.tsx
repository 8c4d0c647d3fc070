import { ArrowRight } from "lucide-react";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { formatName } from "../../../shared/command/names.ts";
import type { ExplainedEntry, RestorePlanView } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { CommandBlock } from "../../components/command-block.tsx";
import { ConfirmDialog } from "../../components/confirm-dialog.tsx";
import { notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { navigate } from "../shell/router.ts";
import styles from "./restore-review.module.css";
import { type PlannedRestore, restoreStoreOf } from "./restore-store.ts";
import { texts } from "./texts.ts";

/** Lines of a list that are shown before it is asked for whole. */
const SHOWN = 6;
const environmentTones = { production: "bad", staging: "warn", development: "neutral" } as const;

/** Everything a restore will do, on one page, before it does any of it. */
export function RestoreReview({ planned }: { readonly planned: PlannedRestore }) {
  const { plan, request, kinds } = planned;
  const store = restoreStoreOf(useClient());
  const [isConfirming, setIsConfirming] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const database = visibleText(plan.database);

  useEffect(() => heading.current?.focus(), []);

  return (
    <div className={styles.page}>
      <div className={styles.scroll}>
        <div className={styles.sheet}>
          <header className={styles.lead}>
            <h2 ref={heading} tabIndex={-1}>
              {leadOf(planned)}
            </h2>
            <p>{texts.nothingYet}</p>
          </header>
          {plan.warnings.length === 0 ? null : (
            <section className={styles.warnings} aria-label={texts.warnings}>
              <ToneIcon tone="warn" />
              <div>
                <h3>{texts.warnings}</h3>
                <ul>
                  {plan.warnings.map((warning) => (
                    <li key={warning}>{visibleText(warning)}</li>
                  ))}
                </ul>
              </div>
            </section>
          )}
          <dl className={styles.facts}>
            <Fact term={texts.from}>
              <Visible text={plan.from} limit={90} />
              <span className={styles.quiet}>{texts.readsExactly(plan.bytesToRead, plan.readsTwice)}</span>
            </Fact>
            <Fact term={texts.into}>
              <span className={styles.target}>
                <b>
                  <Visible text={plan.database} />
                </b>
                <span className={styles.quiet}>{visibleText(plan.where)}</span>
                {plan.environment === "development" ? null : (
                  <Badge tone={environmentTones[plan.environment]} icon={null}>
                    {texts.environments[plan.environment]}
                  </Badge>
                )}
              </span>
            </Fact>
            <Fact term={texts.what}>
              {plan.databases.length > 0 ? (
                <DatabaseList plan={plan} />
              ) : (
                <TableList plan={plan} isEverything={request.choice.kind === "everything"} />
              )}
              <NameList names={planned.objects} />
            </Fact>
            <Fact term={texts.how}>
              {texts.modes[request.mode]}
              {request.noOwner ? <span className={styles.quiet}>{texts.noOwnerText}</span> : null}
              {request.noPrivileges ? <span className={styles.quiet}>{texts.noPrivilegesText}</span> : null}
              <span className={styles.quiet}>{visibleText(plan.toolReason)}</span>
            </Fact>
            {request.choice.kind === "everything" ? null : (
              <Fact term={texts.comes}>
                <Along entries={plan.added} kinds={kinds} />
              </Fact>
            )}
            {plan.kept.length === 0 ? null : (
              <Fact term={texts.kept(plan.kept.length)}>
                <EntryList entries={plan.kept} kinds={kinds} />
              </Fact>
            )}
            {plan.offered.length === 0 ? null : (
              <Fact term={texts.leftOut(plan.offered.length)}>
                <EntryList entries={plan.offered} kinds={kinds} />
              </Fact>
            )}
            <Fact term={texts.changes}>
              <Changes plan={plan} />
            </Fact>
            <Fact term={texts.undo}>
              {plan.undo === null ? (plan.isNewDatabase ? texts.undoNew : texts.undoAsIs) : visibleText(plan.undo)}
            </Fact>
            <Fact term={texts.commands}>
              {plan.sql.length === 0 ? null : (
                <div className={styles.commands}>
                  <h3>{texts.sqlFirst}</h3>
                  <CommandBlock commands={plan.sql.map((sql) => `${sql};`)} label={texts.sqlFirst} />
                </div>
              )}
              <div className={styles.commands}>
                <h3>{texts.command}</h3>
                <CommandBlock commands={plan.commands} label={texts.command} />
                <p className={styles.quiet}>
                  {texts.entries(plan.entryCount)}, {texts.asUseList}
                </p>
              </div>
            </Fact>
          </dl>
        </div>
      </div>
      <footer className={styles.foot}>
        <p>{shortOf(plan)}</p>
        <Button onClick={() => navigate({ screen: "archive", path: request.path })}>{texts.change}</Button>
        <Button
          variant="primary"
          size="large"
          icon={<ArrowRight aria-hidden />}
          onClick={() => {
            if (plan.confirmation === null && plan.typeToConfirm === null) void startPlain();
            else setIsConfirming(true);
          }}
        >
          {texts.start}
        </Button>
      </footer>
      <ConfirmDialog
        open={isConfirming}
        onOpenChange={setIsConfirming}
        title={texts.confirmTitle(database)}
        confirmLabel={texts.start}
        isDangerous={plan.environment === "production"}
        typeToConfirm={plan.typeToConfirm}
        onConfirm={() => store.start(plan.planId, plan.typeToConfirm ?? null)}
      >
        {plan.confirmation === null ? null : <p>{visibleText(plan.confirmation)}</p>}
        <p>{texts.confirmText}</p>
      </ConfirmDialog>
    </div>
  );

  /** A new database on a server that is not production: nothing can be lost, so nothing is asked twice. */
  function startPlain(): Promise<void> {
    return store.start(plan.planId, null).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
  }
}

/** Beside the button that starts it: why it has to be confirmed, else how it is undone. */
function shortOf({ confirmation, databases, isNewDatabase }: RestorePlanView): string {
  if (confirmation !== null) return visibleText(confirmation);
  return databases.length > 0 ? texts.undoShortAll : texts.undoShort(isNewDatabase);
}

/** What the plan itself says, where the kind of target does not say it. */
function Changes({ plan }: { readonly plan: RestorePlanView }) {
  const [database, where] = [visibleText(plan.database), visibleText(plan.where)];
  if (plan.touches.length === 0)
    return plan.isNewDatabase ? texts.changesNew(database, where) : texts.changesAsIs(database, where);
  return (
    <ul>
      {plan.touches.map((line) => (
        <li key={line}>{visibleText(line)}</li>
      ))}
    </ul>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function DatabaseList({ plan }: { readonly plan: RestorePlanView }) {
  const [isWhole, setIsWhole] = useState(false);
  const { databases } = plan;
  const shown = isWhole ? databases : databases.slice(0, SHOWN);
  return (
    <>
      <span>{texts.entries(plan.entryCount)}</span>
      <ul className={styles.entries}>
        {shown.map(({ name, tables, entryCount }) => (
          <li key={name}>
            <Visible text={name} limit={50} />
            <span className={styles.quiet}>{texts.databaseHolds(tables, entryCount)}</span>
          </li>
        ))}
      </ul>
      <Rest count={databases.length - shown.length} onShow={() => setIsWhole(true)} />
    </>
  );
}

function TableList({ plan, isEverything }: { readonly plan: RestorePlanView; readonly isEverything: boolean }) {
  const [isWhole, setIsWhole] = useState(false);
  const { tables } = plan;
  const shown = isWhole ? tables : tables.slice(0, SHOWN);
  return (
    <>
      {isEverything ? <span>{texts.entries(plan.entryCount)}</span> : null}
      <ul className={styles.tables}>
        {shown.map(({ schema, name, rows }) => (
          <li key={JSON.stringify([schema, name])}>
            <Visible text={formatName(schema, name)} limit={60} />
            <span className={styles.number}>{texts.rows(rows)}</span>
          </li>
        ))}
      </ul>
      <Rest count={tables.length - shown.length} onShow={() => setIsWhole(true)} />
    </>
  );
}

function NameList({ names }: { readonly names: readonly string[] }) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? names.slice(0, 2000) : names.slice(0, SHOWN);
  return (
    <>
      <ul>
        {shown.map((name) => (
          <li key={name}>
            <Visible text={name} limit={90} />
          </li>
        ))}
      </ul>
      <Rest count={names.length - shown.length} onShow={() => setIsWhole(true)} />
    </>
  );
}

interface EntryListProps {
  readonly entries: readonly ExplainedEntry[];
  readonly kinds: PlannedRestore["kinds"];
}

/** Objects first, each with its reason; their parts as a number, to be looked at when wanted. */
function Along({ entries, kinds }: EntryListProps) {
  const [isWhole, setIsWhole] = useState(false);
  const objects = entries.filter(({ dumpId }) => kinds.has(dumpId));
  const parts = entries.filter(({ dumpId }) => !kinds.has(dumpId));
  if (entries.length === 0) return <span className={styles.quiet}>{texts.comesNone}</span>;
  return (
    <>
      {objects.length === 0 ? null : <EntryList entries={objects} kinds={kinds} />}
      {parts.length === 0 ? null : (
        <span className={styles.quiet}>
          {texts.comesParts(parts.length)}{" "}
          {isWhole ? null : (
            <button type="button" className={styles.rest} onClick={() => setIsWhole(true)}>
              {texts.showParts}
            </button>
          )}
        </span>
      )}
      {isWhole ? <EntryList entries={parts} kinds={kinds} /> : null}
    </>
  );
}

function EntryList({ entries, kinds }: EntryListProps) {
  const [isWhole, setIsWhole] = useState(false);
  const shown = isWhole ? entries.slice(0, 2000) : entries.slice(0, SHOWN);
  return (
    <>
      <ul className={styles.entries}>
        {shown.map(({ dumpId, name, because }) => (
          <li key={dumpId}>
            <span>
              <Visible text={name} limit={50} /> <span className={styles.quiet}>{kinds.get(dumpId)}</span>
            </span>
            <span className={styles.quiet}>{visibleText(because)}</span>
          </li>
        ))}
      </ul>
      <Rest count={entries.length - shown.length} onShow={() => setIsWhole(true)} />
    </>
  );
}

function Rest({ count, onShow }: { readonly count: number; onShow(): void }) {
  if (count === 0) return null;
  return (
    <button type="button" className={styles.rest} onClick={onShow}>
      {texts.andMore(count)}
    </button>
  );
}

/** What is restored into what, as the heading of its review and of its run. */
export function leadOf(planned: PlannedRestore): string {
  const { database, databases, isNewDatabase } = planned.plan;
  if (databases.length > 0) return texts.reviewLeadAll(visibleText(database));
  return texts.reviewLead(describeWhat(planned), visibleText(database), isNewDatabase);
}

function describeWhat({ plan, request }: PlannedRestore): string {
  if (request.choice.kind === "everything") return texts.whatEverything;
  const [first] = plan.tables;
  if (first !== undefined && plan.tables.length === 1)
    return visibleText(formatName(first.schema === "public" ? null : first.schema, first.name));
  return plan.tables.length > 0
    ? texts.whatTables(plan.tables.length)
    : texts.whatObjects(request.choice.dumpIds.length);
}
