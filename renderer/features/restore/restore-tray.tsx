import { Database, X } from "lucide-react";
import { useMemo, useState } from "react";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { restoredName } from "../../../shared/restore/database-definition.ts";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { classNames } from "../../components/class-names.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import { Visible } from "../../components/visible.tsx";
import { archiveStoreOf, type Closure, type OpenedArchive, useArchive } from "../archive/archive-store.ts";
import { fullName } from "../archive/full-name.ts";
import {
  chosenEntries,
  everythingSelected,
  noSelection,
  type SelectionSummary,
  setTicks,
  summarize,
  tickStateOf,
} from "../archive/model/selection.ts";
import type { NodeIndex } from "../archive/model/tree-model.ts";
import { texts as archiveTexts } from "../archive/texts.ts";
import { navigate } from "../shell/router.ts";
import { type RestoreDraft, restoreStoreOf, useRestore } from "./restore-store.ts";
import styles from "./restore-tray.module.css";
import { likelyTarget, type Target } from "./targets.ts";
import { texts } from "./texts.ts";
import { useTargets } from "./use-targets.ts";

const SHOWN = 6;
const URL_KEY = "url";
const environmentTones = { production: "bad", staging: "warn", development: "neutral" } as const;
const passwordCodes = new Set(["connection.passwordMissing", "connection.authentication"]);

/** What is ticked, what it needs, into where and how: everything a restore is before its review. */
export function RestoreTray({ opened }: { readonly opened: OpenedArchive }) {
  const { tree, view } = opened;
  const client = useClient();
  const selection = useArchive((state) => state.selection);
  const summary = useMemo(() => summarize(tree, selection), [tree, selection]);
  const { draft } = useRestore();
  const store = restoreStoreOf(client);
  const targets = useTargets();
  const [proposedName] = useState(() => restoredName(view.database ?? "archive", new Date()));
  const [password, setPassword] = useState("");
  const [error, setError] = useState<ErrorValue | null>(null);
  const [isPlanning, setIsPlanning] = useState(false);

  const chosen = targets?.find(({ key }) => key === draft.into) ?? null;
  const likely = targets === null ? null : likelyTarget(targets, view.backup?.profile ?? null, view.database);
  const isUrl = draft.into === URL_KEY || targets?.length === 0;
  const target = isUrl ? null : (chosen ?? likely);
  const environment = target?.environment ?? null;
  const newName = draft.newName ?? proposedName;
  const nameProblem = draft.mode === "new-database" ? problemOf(newName) : null;
  const isEmpty = summary.tables.length === 0 && summary.others.length === 0;
  const bytes = useMemo(() => bytesOf(opened, selection), [opened, selection]);
  const asksPassword = error !== null && passwordCodes.has(error.code);
  const misfit = isEmpty ? null : misfitOf(draft.mode, summary.isEverything);
  const isReady =
    !isEmpty && nameProblem === null && misfit === null && (isUrl ? draft.url.trim() !== "" : target !== null);

  async function review(): Promise<void> {
    const choice = chosenEntries(tree, selection);
    const into = isUrl ? ({ kind: "url", url: draft.url.trim() } as const) : target?.choice;
    if (choice === null || into === undefined || !isReady) return;
    setIsPlanning(true);
    try {
      const request = {
        path: view.path,
        choice,
        into,
        ...(password === "" ? {} : { password }),
        mode: draft.mode,
        newDatabaseName: draft.mode === "new-database" ? newName : null,
        ...(draft.mode === "beside" && draft.besideSchema.trim() !== ""
          ? { besideSchema: draft.besideSchema.trim() }
          : {}),
        noOwner: draft.noOwner,
        noPrivileges: draft.noPrivileges,
        jobs: null,
      };
      const objects = summary.isEverything ? [] : summary.others.map((node) => describeObject(opened, node));
      const plan = await store.plan(request, { kindOf: (dumpId) => kindOfObject(opened, dumpId), objects });
      setError(null);
      navigate({ screen: "restore", planId: plan.planId, path: view.path });
    } catch (thrown) {
      setError(toErrorValue(thrown));
    }
    setIsPlanning(false);
  }

  return (
    <form
      className={styles.tray}
      aria-label={texts.tray}
      onSubmit={(event) => {
        event.preventDefault();
        void review();
      }}
    >
      <div className={styles.scroll}>
        <Chosen opened={opened} summary={summary} isEmpty={isEmpty} />
        {isEmpty ? null : <Needs opened={opened} />}
        <div className={styles.into}>
          <Select
            label={texts.into}
            value={isUrl ? URL_KEY : (target?.key ?? null)}
            placeholder={texts.chooseTarget}
            options={[
              ...(targets ?? []).map((each) => ({
                value: each.key,
                label: visibleText(each.name),
                description: visibleText(describeTarget(each)),
                icon: <Database aria-hidden className={styles.targetIcon} />,
              })),
              { value: URL_KEY, label: texts.otherServer },
            ]}
            onChange={(into) => {
              store.change({ into });
              setError(null);
            }}
          />
          {environment === null || environment === "development" ? null : (
            <Badge icon={null} tone={environmentTones[environment]} className={styles.environment}>
              {texts.environments[environment]}
            </Badge>
          )}
          {isUrl ? (
            <TextField
              mono
              className={styles.gap}
              label={texts.url}
              hint={texts.urlHint}
              value={draft.url}
              onChange={(url) => store.change({ url, into: URL_KEY })}
            />
          ) : null}
        </div>
        <div>
          <h3 className={styles.label}>{texts.how}</h3>
          <RadioCards
            dense
            label={texts.how}
            value={draft.mode}
            onChange={(mode) => store.change({ mode })}
            options={[
              { value: "new-database", title: texts.newDatabase, description: texts.newDatabaseText },
              {
                value: "as-is",
                title: texts.asIs,
                description: draft.mode === "as-is" ? texts.asIsText(visibleText(databaseOf(target))) : undefined,
              },
              {
                value: "beside",
                title: texts.beside,
                description: draft.mode === "beside" ? texts.besideText : undefined,
              },
              {
                value: "replace",
                title: texts.replace,
                description: draft.mode === "replace" ? texts.replaceText : undefined,
              },
              {
                value: "swap",
                title: texts.swap,
                description: draft.mode === "swap" ? texts.swapText : undefined,
              },
            ]}
          />
          {draft.mode === "new-database" ? (
            <TextField
              mono
              className={styles.gap}
              label={texts.newName}
              value={newName}
              error={nameProblem}
              onChange={(name) => store.change({ newName: name })}
            />
          ) : null}
          {draft.mode === "beside" ? (
            <TextField
              mono
              className={styles.gap}
              label={texts.besideSchema}
              hint={texts.besideSchemaHint}
              value={draft.besideSchema}
              onChange={(besideSchema) => store.change({ besideSchema })}
            />
          ) : null}
          {misfit === null ? null : (
            <p className={classNames(styles.gap, styles.empty)} role="status">
              {misfit}
            </p>
          )}
        </div>
        <details className={styles.more}>
          <summary>{texts.more}</summary>
          <div>
            <Checkbox
              label={texts.noOwner}
              description={texts.noOwnerText}
              checked={draft.noOwner}
              onChange={(noOwner) => store.change({ noOwner })}
            />
            <Checkbox
              label={texts.noPrivileges}
              description={texts.noPrivilegesText}
              checked={draft.noPrivileges}
              onChange={(noPrivileges) => store.change({ noPrivileges })}
            />
          </div>
        </details>
      </div>
      <div className={styles.foot}>
        {error === null ? null : (
          <div className={styles.problem}>
            <ErrorPanel
              error={error}
              actions={
                error.code === "restore.objectsExist" && draft.mode === "as-is" ? (
                  <Button
                    size="small"
                    onClick={() => {
                      store.change({ mode: "new-database" });
                      setError(null);
                    }}
                  >
                    {texts.newInstead}
                  </Button>
                ) : undefined
              }
            />
          </div>
        )}
        {asksPassword ? (
          <TextField
            type="password"
            className={styles.password}
            label={texts.password}
            hint={texts.passwordHint}
            value={password}
            onChange={setPassword}
          />
        ) : null}
        {isEmpty ? null : (
          <p className={styles.reads}>{bytes === 0 ? texts.readsDefinitions : texts.reads(bytes, view.sizeBytes)}</p>
        )}
        <Button
          type="submit"
          variant="primary"
          size="large"
          className={styles.review}
          busy={isPlanning}
          disabled={!isReady}
        >
          {isPlanning ? texts.reviewing : texts.review}
        </Button>
      </div>
    </form>
  );
}

/** Why what is ticked does not go with a mode; null where it does. */
function misfitOf(mode: RestoreDraft["mode"], isEverything: boolean): string | null {
  if (mode === "swap") return isEverything ? null : texts.swapNeedsEverything;
  return isEverything && (mode === "beside" || mode === "replace") ? texts.tablesNeeded : null;
}

interface ChosenProps {
  readonly opened: OpenedArchive;
  readonly summary: SelectionSummary;
  readonly isEmpty: boolean;
}

function Chosen({ opened, summary, isEmpty }: ChosenProps) {
  const { tree } = opened;
  const store = archiveStoreOf(useClient());
  const { tables, others, isEverything } = summary;
  if (isEmpty)
    return (
      <div>
        <h2 className={styles.title}>{texts.emptyTitle}</h2>
        <p className={styles.empty}>{texts.empty}</p>
        <Button size="small" className={styles.gap} onClick={() => store.select(everythingSelected(tree))}>
          {texts.tickEverything}
        </Button>
      </div>
    );
  const untick = (node: NodeIndex) => store.select(setTicks(tree, store.getState().selection, [node], false));
  const rest = Math.max(0, tables.length - SHOWN) + Math.max(0, others.length - Math.max(0, SHOWN - tables.length));
  return (
    <div>
      <div className={styles.line}>
        <h2 className={styles.title}>{texts.title(tables.length, others.length, isEverything)}</h2>
        <Button size="small" variant="quiet" onClick={() => store.select(noSelection(tree))}>
          {texts.clear}
        </Button>
      </div>
      {isEverything ? (
        <p className={styles.empty}>{texts.everything(tables.length, tables.length + others.length)}</p>
      ) : (
        <ul className={styles.list}>
          {tables.slice(0, SHOWN).map(({ node, rows, isWhole }) => (
            <ChosenRow
              key={node}
              name={fullNameShort(opened, node)}
              note={[isWhole ? null : texts.someParts, rows < 0 ? null : formatCount(rows)].filter(Boolean).join(" · ")}
              onRemove={() => untick(node)}
            />
          ))}
          {others.slice(0, Math.max(0, SHOWN - tables.length)).map((node) => (
            <ChosenRow
              key={node}
              name={fullNameShort(opened, node)}
              note={archiveTexts.kinds[tree.kind[node] ?? "other"]}
              onRemove={() => untick(node)}
            />
          ))}
          {rest === 0 ? null : <li className={styles.rest}>{texts.andMore(rest)}</li>}
        </ul>
      )}
    </div>
  );
}

function ChosenRow({ name, note, onRemove }: { readonly name: string; readonly note: string; onRemove(): void }) {
  return (
    <li className={styles.row}>
      <Visible text={name} limit={26} className={styles.name} />
      <span className={styles.note}>{note}</span>
      <button type="button" className={styles.remove} aria-label={texts.takeOut(visibleText(name))} onClick={onRemove}>
        <X aria-hidden />
      </button>
    </li>
  );
}

/** What comes along by itself, in a line; what may be wanted, to be added or left. */
function Needs({ opened }: { readonly opened: OpenedArchive }) {
  const { tree } = opened;
  const store = archiveStoreOf(useClient());
  const { closure, closureError, declined, selection } = useArchive();
  if (closureError !== null) return <ErrorPanel error={closureError} />;
  if (closure === null) return null;
  // Parts of what is ticked are not worth a word; objects of their own are.
  const added = closure.added.filter(({ dumpId }) => {
    const node = tree.nodeOf(dumpId);
    const isOwn = tree.ownIds(node).includes(dumpId);
    return isOwn && tickStateOf(tree, selection, node) !== "on";
  });
  const offered = closure.offered.filter(({ dumpId }) => !declined.has(dumpId));
  const nodes = offered.map(({ dumpId }) => tree.nodeOf(dumpId)).filter((node) => node >= 0);
  return (
    <>
      {offered.length === 0 ? null : (
        <section className={classNames(styles.card, styles.warn)} aria-label={texts.mayNeed}>
          <h3>{texts.mayNeed}</h3>
          <NameList entries={offered} opened={opened} />
          <div className={styles.buttons}>
            <Button size="small" onClick={() => store.select(setTicks(tree, selection, nodes, true))}>
              {texts.addAll(offered.length)}
            </Button>
            <Button size="small" onClick={() => store.decline(offered.map(({ dumpId }) => dumpId))}>
              {texts.notNow}
            </Button>
          </div>
        </section>
      )}
      {added.length === 0 ? null : (
        <section className={styles.along} aria-label={texts.comeAlong}>
          <h3>{texts.comeAlong}</h3>
          <NameList entries={added} opened={opened} />
        </section>
      )}
      {closure.warnings.length === 0 ? null : (
        <details className={styles.more}>
          <summary>{texts.toKnow(closure.warnings.length)}</summary>
          <ul className={styles.known}>
            {closure.warnings.map((warning) => (
              <li key={warning}>{visibleText(warning)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const NAMED = 8;

/** `table products, type order_status and 3 more`, the reason of each on hover. */
function NameList({
  entries,
  opened: { tree },
}: {
  readonly entries: Closure["added"];
  readonly opened: OpenedArchive;
}) {
  const rest = entries.length - NAMED;
  return (
    <p className={styles.names}>
      {entries.slice(0, NAMED).map(({ dumpId, name, because }, index) => (
        <span key={dumpId} title={visibleText(because)}>
          {index === 0 ? "" : ", "}
          {archiveTexts.kinds[tree.kind[tree.nodeOf(dumpId)] ?? "other"]} <Visible text={name} limit={30} />
        </span>
      ))}
      {rest > 0 ? ` ${texts.andMore(rest)}` : null}
    </p>
  );
}

function describeTarget({ where, database }: Target): string {
  return database === null ? where : `${database} · ${where}`;
}

function databaseOf(target: Target | null): string {
  return target?.database ?? target?.name ?? "the database";
}

function problemOf(name: string): string | null {
  if (name === "") return texts.nameEmpty;
  return new TextEncoder().encode(name).length > 63 ? texts.nameTooLong : null;
}

/** `function app.add(integer, integer)` */
function describeObject(opened: OpenedArchive, node: NodeIndex): string {
  const kind = archiveTexts.kinds[opened.tree.kind[node] ?? "other"];
  return opened.tree.role[node] === "group" ? kind : `${kind} ${fullName(opened.tree, node)}`;
}

/** The kind of an object of its own, in a word; null for what is part of another. */
function kindOfObject({ tree }: OpenedArchive, dumpId: number): string | null {
  const node = tree.nodeOf(dumpId);
  return tree.ownIds(node).includes(dumpId) ? archiveTexts.kinds[tree.kind[node] ?? "other"] : null;
}

/** Within public the schema goes without saying. */
function fullNameShort({ tree }: OpenedArchive, node: NodeIndex): string {
  return tree.schema[node] === "public" && tree.role[node] === "object"
    ? (tree.label[node] ?? "")
    : fullName(tree, node);
}

/** Stored bytes of all ticked data; what is not known counts nothing. */
function bytesOf({ tree, view }: OpenedArchive, selection: Parameters<typeof tickStateOf>[1]): number {
  let sum = 0;
  for (let node = 0; node < tree.length; ) {
    const state = tickStateOf(tree, selection, node);
    if (state === "mixed") node += 1;
    else {
      if (state === "on") sum += Math.max(0, tree.bytes[node] ?? 0);
      node = tree.end[node] ?? tree.length;
    }
  }
  return Math.min(sum, view.sizeBytes);
}
