import { Plus } from "lucide-react";
import { formatRoute } from "../shell/router.ts";
import styles from "./add-card.module.css";
import { texts } from "./texts.ts";

/** The place of a next database, while there are few. */
export function AddCard() {
  return (
    <a href={formatRoute({ screen: "first-run" })} className={styles.card}>
      <Plus aria-hidden />
      <b>{texts.addDatabase}</b>
      <span>{texts.addText}</span>
    </a>
  );
}
