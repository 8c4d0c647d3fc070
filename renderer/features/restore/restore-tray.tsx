import { useMemo, useState } from "react";
import { restoredName } from "../../../shared/restore/database-definition.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import { type OpenedArchive, useArchive } from "../archive/archive-store.ts";
import { chosenEntries, summarize } from "../archive/model/selection.ts";
import { navigate } from "../shell/router.ts";
import { restoreStoreOf, useRestore } from "./restore-store.ts";
import styles from "./restore-tray.module.css";
import { likelyTarget } from "./targets.ts";
import { texts } from "./texts.ts";
import { Chosen } from "./tray-chosen.tsx";
import { How, misfitOf, problemOf } from "./tray-how.tsx";
import { Into, URL_KEY } from "./tray-into.tsx";
import { Needs } from "./tray-needs.tsx";
import { bytesOf, describeObject, kindOfObject } from "./tray-objects.ts";
import { useTargets } from "./use-targets.ts";

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
  const { isBusy: isPlanning, error, run, forget } = useWork();

  const chosen = targets?.find(({ key }) => key === draft.into) ?? null;
  const likely = targets === null ? null : likelyTarget(targets, view.backup?.profile ?? null, view.database);
  const isUrl = draft.into === URL_KEY || targets?.length === 0;
  const target = isUrl ? null : (chosen ?? likely);
  const newName = draft.newName ?? proposedName;
  const isOfSeveral = summary.isEverything && view.databases.length > 1;
  const nameProblem = draft.mode === "new-database" && !isOfSeveral ? problemOf(newName) : null;
  const isEmpty = summary.tables.length === 0 && summary.others.length === 0;
  const bytes = useMemo(() => bytesOf(opened, selection), [opened, selection]);
  const asksPassword = error !== null && passwordCodes.has(error.code);
  const misfit = isEmpty ? null : misfitOf(draft.mode, summary.isEverything, isOfSeveral);
  const isReady =
    !isEmpty && nameProblem === null && misfit === null && (isUrl ? draft.url.trim() !== "" : target !== null);

  async function review(): Promise<void> {
    const choice = chosenEntries(tree, selection);
    const into = isUrl ? ({ kind: "url", url: draft.url.trim() } as const) : target?.choice;
    if (choice === null || into === undefined || !isReady) return;
    const request = {
      path: view.path,
      choice,
      into,
      ...(password === "" ? {} : { password }),
      mode: draft.mode,
      newDatabaseName: draft.mode === "new-database" && !isOfSeveral ? newName : null,
      ...(draft.mode === "beside" && draft.besideSchema.trim() !== ""
        ? { besideSchema: draft.besideSchema.trim() }
        : {}),
      noOwner: draft.noOwner,
      noPrivileges: draft.noPrivileges,
      jobs: null,
    };
    const objects = summary.isEverything ? [] : summary.others.map((node) => describeObject(opened, node));
    await run(async () => {
      const plan = await store.plan(request, { kindOf: (dumpId) => kindOfObject(opened, dumpId), objects });
      navigate({ screen: "restore", planId: plan.planId, path: view.path });
    });
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
        {isEmpty ? null : <Needs opened={opened} mode={draft.mode} />}
        <Into
          targets={targets}
          target={target}
          isUrl={isUrl}
          url={draft.url}
          onChange={(change) => {
            store.change(change);
            if (change.url === undefined) forget();
          }}
        />
        <How
          draft={draft}
          target={target}
          newName={isOfSeveral ? null : newName}
          nameProblem={nameProblem}
          misfit={misfit}
          onChange={store.change}
        />
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
                      forget();
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
