import { Check, Circle, LoaderCircle, Minus, TriangleAlert, X } from "lucide-react";
import type { StorageTestStep, StorageTestStepView } from "../../../shared/contract/storage-views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { classNames } from "../../components/class-names.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { emptyDraft, isBucket } from "./storage-draft.ts";
import styles from "./storage-screen.module.css";
import stepStyles from "./test-card.module.css";
import { texts } from "./texts.ts";
import type { StorageEditor, StorageTrial } from "./use-storage-editor.ts";

const order: readonly StorageTestStep[] = [
  "reach",
  "login",
  "list",
  "write",
  "range",
  "condition",
  "multipart",
  "delete",
  "lock",
];

/** Tries the fields as they stand, and says how far it came and how to mend it. */
export function TestCard({ editor }: { readonly editor: StorageEditor }) {
  const { trial, draft } = editor;
  const isRunning = trial !== null && trial.result === null;
  return (
    <Card title={texts.testTitle} actions={<Verdict trial={trial} />}>
      <div className={styles.fields}>
        <div aria-live="polite" className={styles.fields}>
          {trial === null ? <p className={styles.note}>{texts.testNone}</p> : <Steps trial={trial} />}
          {trial?.result?.error ? <ErrorPanel error={trial.result.error} /> : null}
        </div>
        <Facts trial={trial} />
        {trial !== null && trial.draft !== draft ? <p className={styles.note}>{texts.testOutdated}</p> : null}
        <div>
          <Button busy={isRunning} onClick={() => void editor.runTest()}>
            {isRunning ? texts.testRunning : trial === null ? texts.test : texts.testAgain}
          </Button>
        </div>
      </div>
    </Card>
  );
}

function Verdict({ trial }: { readonly trial: StorageTrial | null }) {
  if (trial === null || trial.result === null) return null;
  if (!trial.result.ok) return <Badge tone="bad">{texts.testFailed}</Badge>;
  const isWeak = trial.result.steps.some(({ state }) => state === "weak");
  return <Badge tone={isWeak ? "warn" : "good"}>{isWeak ? texts.testWeak : texts.testWorks}</Badge>;
}

const signs = { ok: Check, weak: TriangleAlert, failed: X, skipped: Minus, now: LoaderCircle, next: Circle } as const;

function Steps({ trial }: { readonly trial: StorageTrial }) {
  const known = new Map(trial.steps.map((step) => [step.step, step]));
  const current = trial.result === null ? order.find((step) => !known.has(step)) : undefined;
  return (
    <ol className={stepStyles.steps}>
      {order.map((step) => (
        <Step key={step} step={step} result={known.get(step) ?? null} isNow={step === current} />
      ))}
    </ol>
  );
}

interface StepProps {
  readonly step: StorageTestStep;
  readonly result: StorageTestStepView | null;
  readonly isNow: boolean;
}

function Step({ step, result, isNow }: StepProps) {
  const state = result?.state ?? (isNow ? "now" : "next");
  const Sign = signs[state];
  return (
    <li className={classNames(stepStyles.step, stepStyles[state])}>
      <Sign aria-hidden />
      <span className={stepStyles.name}>{texts.steps[step]}</span>
      <VisuallyHidden>{texts.states[state]}</VisuallyHidden>
      <span className={stepStyles.message}>
        {result === null || result.state === "skipped" ? null : visibleText(result.message)}
      </span>
    </li>
  );
}

function Facts({ trial }: { readonly trial: StorageTrial | null }) {
  const facts = trial?.result?.facts ?? null;
  if (facts === null) return null;
  const isS3 = isBucket(trial?.draft ?? emptyDraft);
  const said = [
    isS3 ? texts.versioning[facts.versioning] : null,
    isS3 ? texts.objectLock[facts.objectLock] : null,
    facts.defaultRetention === null ? null : texts.lockedFor(facts.defaultRetention),
    facts.freeBytes === null ? null : texts.free(facts.freeBytes),
  ].filter((text) => text !== null);
  return said.map((text) => (
    <p key={text} className={styles.said}>
      <ToneIcon tone="info" />
      {text}
    </p>
  ));
}
