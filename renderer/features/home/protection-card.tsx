import { ShieldAlert, ShieldCheck, ShieldQuestion } from "lucide-react";
import type { ProtectionSentence } from "../../../shared/policy/protection.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { cutMiddle } from "../../components/visible.tsx";
import { navigate } from "../shell/router.ts";
import styles from "./protection-card.module.css";
import { useStartBackup } from "./start-backup.ts";
import { texts } from "./texts.ts";

const signs = { good: ShieldCheck, warn: ShieldAlert, bad: ShieldAlert, neutral: ShieldQuestion } as const;

/** The sentence over Home, with the one button that mends what it says. */
export function ProtectionCard({ sentence }: { readonly sentence: ProtectionSentence }) {
  const { tone, answer, reason, mend } = sentence;
  const startBackup = useStartBackup();
  const Sign = signs[tone];

  return (
    <section className={styles.card} aria-labelledby="protection">
      <Sign aria-hidden className={classNames(styles.sign, styles[tone])} />
      <div className={styles.words}>
        <h2 id="protection" className={styles.answer}>
          {answer}
        </h2>
        <p className={styles.reason}>{reason}</p>
      </div>
      {mend?.state === "kit" ? (
        <Button variant="primary" size="large" onClick={() => navigate({ screen: "keys" })}>
          {texts.toKit}
        </Button>
      ) : null}
      {mend === null || mend.connection === null || mend.state === "kit" ? null : (
        <Button variant="primary" size="large" onClick={() => void startBackup(wishOf(mend))}>
          {texts.backUpNamed(cutMiddle(visibleText(mend.name), 24))}
        </Button>
      )}
      {tone === "neutral" ? (
        <Button variant="primary" size="large" onClick={() => navigate({ screen: "first-run" })}>
          {texts.addDatabase}
        </Button>
      ) : null}
    </section>
  );
}

function wishOf({ connection, database, name }: NonNullable<ProtectionSentence["mend"]>) {
  if (connection === null) throw new Error("a database without a connection cannot be backed up");
  return { connection, database, name };
}
