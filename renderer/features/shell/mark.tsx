import styles from "./mark.module.css";

/** The lifebelt: the one place where the brand's orange stands. */
export function Mark({ size = 20 }: { readonly size?: number }) {
  return (
    <svg viewBox="0 0 20 20" width={size} height={size} aria-hidden className={styles.mark}>
      <circle cx="10" cy="10" r="7.2" className={styles.ring} />
      <circle cx="10" cy="10" r="7.2" className={styles.bands} />
    </svg>
  );
}
