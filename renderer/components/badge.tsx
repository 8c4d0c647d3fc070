import { Check, CircleDot, Info, TriangleAlert, X } from "lucide-react";
import type { ReactNode } from "react";
import styles from "./badge.module.css";
import { classNames } from "./class-names.ts";

export type Tone = "good" | "warn" | "bad" | "info" | "neutral";

const signs = { good: Check, warn: TriangleAlert, bad: X, info: CircleDot, neutral: null } as const;

export interface BadgeProps {
  readonly tone?: Tone;
  /** Instead of the tone's own sign; null for none, where the word says it. */
  readonly icon?: ReactNode;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A state in a word, with the sign and colour of its tone. */
export function Badge({ tone = "neutral", icon, className, children }: BadgeProps) {
  const Sign = signs[tone];
  return (
    <span className={classNames(styles.badge, styles[tone], className)}>
      {icon === undefined ? Sign && <Sign aria-hidden strokeWidth={2.6} /> : icon}
      <span className={styles.text}>{children}</span>
    </span>
  );
}

/** The sign of a tone in text of its own colour. */
export function ToneIcon({ tone }: { readonly tone: Exclude<Tone, "neutral"> }) {
  const Sign = tone === "info" ? Info : signs[tone];
  return <Sign aria-hidden className={classNames(styles.icon, styles[`${tone}Ink`])} />;
}
