import { Check, LoaderCircle } from "lucide-react";
import type { ReactNode } from "react";
import type { Progress } from "../../../shared/job/job.ts";
import { formatCount } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Card } from "../../components/card.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { Visible } from "../../components/visible.tsx";
import styles from "./first-run-screen.module.css";
import { texts } from "./texts.ts";

export interface ProgressingProps {
  readonly name: string;
  readonly text: string;
  readonly steps: readonly { readonly name: string; readonly isDone: boolean }[];
  readonly progress: Progress | null;
  readonly actions?: ReactNode;
}

/** A backup on its way: its steps, what is being copied, how far it is. */
export function Progressing({ name, text, steps, progress, actions }: ProgressingProps) {
  const title = texts.startingTitle(visibleText(name));
  const current = progress?.current ?? null;
  return (
    <>
      <h1 className={styles.title} aria-live="polite">
        {title}
      </h1>
      <p className={styles.lead}>{text}</p>
      <Card>
        <div className={styles.stack}>
          <ul className={styles.steps} aria-label={texts.steps}>
            {steps.map((step, index) => (
              <li key={`${index} ${step.name}`} className={styles.step} data-live={step.isDone ? undefined : ""}>
                {step.isDone ? <Check aria-hidden /> : <LoaderCircle aria-hidden />}
                <Visible text={step.name} limit={80} />
              </li>
            ))}
          </ul>
          <ProgressBar progress={progress} label={title} />
          <div className={styles.now}>
            {current === null ? <span /> : <Visible text={current.label} limit={60} />}
            {current === null || current.rows === null ? null : <span>{`${formatCount(current.rows)} rows`}</span>}
          </div>
        </div>
      </Card>
      {actions === undefined ? null : <footer className={styles.foot}>{actions}</footer>}
    </>
  );
}
