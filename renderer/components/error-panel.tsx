import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { ErrorValue } from "../../shared/error/app-error.ts";
import { visibleLines } from "../../shared/text/visible-text.ts";
import { ToneIcon } from "./badge.tsx";
import { CopyButton } from "./copy-button.tsx";
import styles from "./error-panel.module.css";

export interface ErrorPanelProps {
  readonly error: ErrorValue;
  /** What to do, as buttons; the hint says it in words. */
  readonly actions?: ReactNode;
  /** Told at once to those who listen: the error is new. Not for errors of the past. */
  readonly isNew?: boolean;
}

/** What happened, what to do, and the tool's own words one click away. */
export function ErrorPanel({ error, actions, isNew = true }: ErrorPanelProps) {
  return (
    <div className={styles.panel} role={isNew ? "alert" : "group"} aria-label={isNew ? undefined : "Error"}>
      <ToneIcon tone="bad" />
      <div className={styles.body}>
        <p className={styles.message}>{visibleLines(error.message)}</p>
        {error.hint === undefined ? null : <p className={styles.hint}>{visibleLines(error.hint)}</p>}
        {actions === undefined ? null : <div className={styles.actions}>{actions}</div>}
        <details className={styles.details}>
          <summary className={styles.summary}>
            <ChevronRight aria-hidden />
            {error.detail === undefined ? "Name of this error" : "What was said exactly"}
          </summary>
          <div className={styles.words}>
            <pre className={styles.pre}>
              {error.detail === undefined ? null : `${visibleLines(error.detail)}\n`}
              <span className={styles.code}>{error.code}</span>
            </pre>
            <CopyButton text={[error.message, error.hint, error.detail, error.code].filter(Boolean).join("\n")} />
          </div>
        </details>
      </div>
    </div>
  );
}
