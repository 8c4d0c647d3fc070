import type { ReactNode } from "react";
import { Card } from "../../components/card.tsx";
import styles from "./connection-editor.module.css";

/** A card of the form with its fields below each other. */
export function FieldsCard({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Card title={title}>
      <div className={styles.fields}>{children}</div>
    </Card>
  );
}
