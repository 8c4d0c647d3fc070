import type { Job } from "../../../shared/job/job.ts";
import { formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { CommandBlock } from "../../components/command-block.tsx";
import { Visible } from "../../components/visible.tsx";
import styles from "./job-detail.module.css";
import { backupResult, mirrorResult, restoreResult, sayOutcome, transferResult, verifyResult } from "./job-facts.ts";
import { texts } from "./texts.ts";

/** What came of an ended job, beyond its error. */
export function JobOutcome({ job }: { readonly job: Job }) {
  const outcome = job.error === null || job.state === "cancelled" ? sayOutcome(job) : null;
  if (outcome === null) return null;
  const made = backupResult(job);
  const restored = restoreResult(job);
  const mirrored = mirrorResult(job);
  const notMirrored = [
    ...(mirrored?.failed ?? []),
    ...(mirrored?.checks?.failed ?? []),
    ...(mirrored?.pins?.failed ?? []),
  ];
  const path = made?.path ?? transferResult(job)?.path ?? null;
  const notes = [
    ...(made?.warnings.map(({ message }) => message) ?? []),
    ...(restored === null ? [] : [restored.globals ?? [], ...restored.warnings, ...restored.notes].flat()),
    ...(verifyResult(job)?.notes ?? []),
    ...(mirrored === null || mirrored.notTried === 0
      ? []
      : [texts.mirrorLeft(formatNumberOf(mirrored.notTried, "backup"))]),
  ];
  return (
    <section className={styles.outcome} aria-label={texts.result}>
      <p>
        <ToneIcon tone={toneOf(job)} />
        {visibleText(outcome)}
      </p>
      {path === null ? null : <Visible text={path} limit={90} className={styles.path} />}
      {notMirrored.length === 0 ? null : (
        <ul className={styles.failed}>
          {notMirrored.slice(0, 50).map(({ path: at, error }) => (
            <li key={at}>
              <Visible text={at} limit={70} />: {visibleText(error.message)}
            </li>
          ))}
        </ul>
      )}
      {restored === null || restored.failed.length === 0 ? null : (
        <>
          <p>{texts.restoreFailed(restored.failed.length)}</p>
          <ul className={styles.failed}>
            {restored.failed.map((entry) => (
              <li key={`${entry.dumpId} ${entry.desc} ${entry.name}`}>
                <Visible text={entry.name} limit={70} />: {visibleText(entry.reason)}
              </li>
            ))}
          </ul>
        </>
      )}
      {notes.map((note) => (
        <p key={note} className={styles.quiet}>
          <ToneIcon tone="info" />
          {visibleText(note)}
        </p>
      ))}
      {restored === null || restored.command.length === 0 ? null : (
        <details>
          <summary>{formatNumberOf(1, "command")}</summary>
          <CommandBlock commands={[restored.command.join(" ")]} />
        </details>
      )}
    </section>
  );
}

function toneOf({ state }: Job): "good" | "warn" | "info" {
  if (state === "cancelled") return "info";
  return state === "finishedWithErrors" ? "warn" : "good";
}
