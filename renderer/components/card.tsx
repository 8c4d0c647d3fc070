import { type ReactNode, useId } from "react";
import styles from "./card.module.css";
import { classNames } from "./class-names.ts";

export interface CardProps {
  /** Names the region; without it the card is a mere surface. */
  readonly title?: ReactNode;
  /** At the right of the title. */
  readonly actions?: ReactNode;
  /** No space around the content: a table or list fills the card. */
  readonly flush?: boolean;
  readonly className?: string | undefined;
  readonly children: ReactNode;
}

/** A surface for things that belong together. */
export function Card({ title, actions, flush = false, className, children }: CardProps) {
  const id = useId();
  if (title === undefined) {
    return <div className={classNames(styles.card, !flush && styles.padded, className)}>{children}</div>;
  }
  return (
    <section className={classNames(styles.card, className)} aria-labelledby={id}>
      <header className={styles.head}>
        <h2 id={id} className={styles.title}>
          {title}
        </h2>
        <div className={styles.actions}>{actions}</div>
      </header>
      <div className={flush ? styles.flush : styles.body}>{children}</div>
    </section>
  );
}
