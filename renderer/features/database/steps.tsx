import { Check, Minus, X } from "lucide-react";
import type { ConnectionTestStep } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { classNames } from "../../components/class-names.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import styles from "./steps.module.css";
import { texts } from "./texts.ts";

const signs = { passed: Check, failed: X, skipped: Minus } as const;

/** How far a connection came, step by step; the one that failed says why and what to do. */
export function Steps({ steps }: { readonly steps: readonly ConnectionTestStep[] }) {
  const failed = steps.find(({ error }) => error !== null);
  return (
    <>
      <ol className={styles.steps}>
        {steps.map(({ step, state, message }) => {
          const Sign = signs[state];
          return (
            <li key={step} className={classNames(styles.step, styles[state])}>
              <Sign aria-hidden className={styles.sign} />
              <span className={styles.name}>{texts.steps[step]}</span>
              <VisuallyHidden>{texts.stepStates[state]}</VisuallyHidden>
              <span className={styles.message}>{visibleText(message)}</span>
            </li>
          );
        })}
      </ol>
      {failed?.error === null || failed === undefined ? null : <ErrorPanel error={failed.error} />}
    </>
  );
}
