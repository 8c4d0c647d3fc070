import { type ReactNode, useEffect, useEffectEvent, useMemo, useState } from "react";
import type { ErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { usePickArchive } from "../../components/pick-path.ts";
import { Select } from "../../components/select.tsx";
import { TextField } from "../../components/text-field.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useRecentArchives } from "../../stores/recent-archives.ts";
import { fileNameOf } from "../archive/file-name.ts";
import { useTargets } from "../restore/use-targets.ts";
import styles from "./compare-screen.module.css";
import { backupInAddress, type OtherSide, otherBackups } from "./other-side.ts";
import { texts } from "./texts.ts";

const urlKey = "url";
const backupKey = "backup";
const fileKey = "file";
const passwordCodes = new Set(["connection.passwordMissing", "connection.authentication"]);

export interface OtherSideFormProps {
  /** The archive that is compared. */
  readonly path: string;
  /** What the address says of the other side. */
  readonly address: string | undefined;
  readonly label: string;
  /** What comparing does, in a sentence. */
  readonly lead: string;
  readonly isBusy: boolean;
  /** Of the last try. */
  readonly error: ErrorValue | null;
  /** There is a result: the button compares again. */
  readonly isDone: boolean;
  onCompare(side: OtherSide, password: string): void;
  /** Another other side: what was found or went wrong is of the one before. */
  onChange(isBackup: boolean): void;
  /** More to be chosen, above the button. */
  readonly children?: ReactNode;
}

/** Chooses the other side of a comparison: a database, a server by its URL, another backup. */
export function OtherSideForm(props: OtherSideFormProps) {
  const { path, address, label, lead, isBusy, error, isDone, onCompare, onChange, children } = props;
  const targets = useTargets();
  const listing = useBackups();
  const recents = useRecentArchives();
  const pick = usePickArchive();
  const named = backupInAddress(address);
  const namedPath = named?.path ?? "";
  const [chosen, setChosen] = useState<string | null>(named === null ? (address ?? null) : backupKey);
  const [url, setUrl] = useState("");
  const [password, setPassword] = useState("");
  const [file, setFile] = useState<string | null>(named === null || named.path === "" ? null : named.path);
  const offered = useMemo(
    () => otherBackups(path, listing.value?.backups ?? [], recents.value ?? []),
    [path, listing.value, recents.value],
  );
  const backups =
    file === null || offered.some((each) => each.path === file)
      ? offered
      : [{ path: file, label: visibleText(fileNameOf(file)), database: null }, ...offered];
  const isBackup = chosen === backupKey;
  const isUrl = !isBackup && (chosen === urlKey || (chosen === null && targets?.length === 0));
  const target = targets?.find(({ key }) => key === chosen) ?? null;
  const other = file ?? offered[0]?.path ?? null;
  const side = sideOf();

  function sideOf(): OtherSide | null {
    if (isBackup) return other === null ? null : { kind: "archive", path: other, ...databaseNamed(other) };
    if (isUrl) return url.trim() === "" ? null : { kind: "url", url: url.trim() };
    return target?.choice ?? null;
  }

  /** The address's word is about its own file alone. */
  function databaseNamed(of: string): { database?: string } {
    return named?.path === of && named.database !== undefined ? { database: named.database } : {};
  }

  const compareNow = useEffectEvent(() => {
    if (side !== null) onCompare(side, password);
  });
  useEffect(() => {
    // A link that names both sides is a question already.
    if (namedPath !== "") compareNow();
  }, [namedPath]);

  async function chooseBackup(next: string): Promise<void> {
    const picked = next === fileKey ? await pick() : next;
    if (picked === null) return;
    setFile(picked);
    onChange(true);
  }

  return (
    <form
      className={styles.choose}
      aria-label={label}
      onSubmit={(event) => {
        event.preventDefault();
        compareNow();
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
          { value: backupKey, label: texts.otherBackup },
        ]}
        onChange={(next) => {
          setChosen(next);
          onChange(next === backupKey);
        }}
      />
      {isBackup ? (
        <Select
          label={texts.backup}
          value={other}
          placeholder={texts.chooseBackup}
          options={[
            ...backups.map((each) => ({ value: each.path, label: each.label, description: visibleText(each.path) })),
            { value: fileKey, label: texts.otherFile },
          ]}
          onChange={(next) => void chooseBackup(next)}
        />
      ) : null}
      {isUrl ? <TextField mono label={texts.url} hint={texts.urlHint} value={url} onChange={setUrl} /> : null}
      {!isBackup && ((error !== null && passwordCodes.has(error.code)) || password !== "") ? (
        <TextField type="password" label={texts.password} value={password} onChange={setPassword} />
      ) : null}
      {children}
      <Button type="submit" variant={isDone ? "secondary" : "primary"} busy={isBusy} disabled={side === null}>
        {isDone ? texts.again : texts.compare}
      </Button>
      <p className={styles.quiet}>{lead}</p>
    </form>
  );
}
