import { EmptyState } from "../../components/empty-state.tsx";
import { VisuallyHidden } from "../../components/visually-hidden.tsx";
import { Mark } from "./mark.tsx";
import styles from "./session-ended.module.css";
import { texts } from "./texts.ts";

/** What a window shows whose host does not know it any more. */
export function SessionEnded() {
  return (
    <main className={styles.page}>
      <VisuallyHidden>
        <h1>Lifeboat</h1>
      </VisuallyHidden>
      <EmptyState icon={<Mark size={40} />} title={texts.closedTitle}>
        {texts.closed}
      </EmptyState>
    </main>
  );
}
