import type { ReactNode } from "react";
import styles from "./skeleton.module.css";
import { VisuallyHidden } from "./visually-hidden.tsx";

export interface SkeletonProps {
  /** What is being loaded, for those who listen. */
  readonly label: string;
  /** Lines of this many per cent of the width, instead of a shape of one's own. */
  readonly lines?: readonly number[];
  readonly children?: ReactNode;
}

/** The shape of what comes. Not seen in the first 150 ms, so that what is quick does not flicker. */
export function Skeleton({ label, lines = [70, 45, 60], children }: SkeletonProps) {
  return (
    <div className={styles.skeleton} role="status">
      <VisuallyHidden>{label}</VisuallyHidden>
      <div aria-hidden className={styles.lines}>
        {children ?? lines.map((width, index) => <SkeletonBar key={`${index}-${width}`} width={`${width}%`} />)}
      </div>
    </div>
  );
}

/** One grey bar of a shape. */
export function SkeletonBar({ width = "100%", height = 10 }: { readonly width?: string; readonly height?: number }) {
  return <span className={styles.bar} style={{ width, height }} />;
}
