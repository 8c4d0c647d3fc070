import { useEffect } from "react";
import { Mark } from "../shell/mark.tsx";
import { formatRoute, useRoute } from "../shell/router.ts";
import { ChooseDatabase } from "./choose-database.tsx";
import styles from "./first-run-screen.module.css";
import { FollowBackup } from "./follow-backup.tsx";
import { texts } from "./texts.ts";

/** From nothing to a first backup: choose, watch, see what was made. */
export function FirstRunScreen() {
  const route = useRoute();
  const jobId = route.screen === "first-run" ? route.jobId : undefined;

  useEffect(() => {
    document.title = `${texts.windowTitle} · Lifeboat`;
  }, []);

  return (
    <div className={styles.page}>
      <div className={styles.column}>
        <div className={styles.brand}>
          <Mark size={22} />
          Lifeboat
          <a className={styles.skip} href={formatRoute({ screen: "new-machine" })}>
            {texts.newMachine}
          </a>
          <a className={styles.skip} href={formatRoute({ screen: "home" })}>
            {texts.toHome}
          </a>
        </div>
        {jobId === undefined ? <ChooseDatabase /> : <FollowBackup key={jobId} jobId={jobId} />}
      </div>
    </div>
  );
}
