import { useEffect } from "react";
import { sayProtection } from "../../../shared/policy/protection.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { useNow } from "../../components/relative-time.tsx";
import { Skeleton, SkeletonBar } from "../../components/skeleton.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useHello } from "../../stores/hello.ts";
import { useProfiles } from "../../stores/profiles.ts";
import { beginFirstRun } from "../first-run/first-start.ts";
import { Screen } from "../shell/screen.tsx";
import { AddCard } from "./add-card.tsx";
import { DatabaseCard } from "./database-card.tsx";
import styles from "./home-screen.module.css";
import { ProtectionCard } from "./protection-card.tsx";
import { RecentActivity } from "./recent-activity.tsx";
import { texts } from "./texts.ts";
import { useProtection } from "./use-protection.ts";

/** The answer first: what is safe, what is not, and the one thing to do about it. */
export function HomeScreen() {
  const databases = useProtection();
  const nowMs = useNow(10_000);
  useFirstRunAtFirst(databases?.length === 0);

  return (
    <Screen title={texts.title}>
      <div className={styles.page}>
        <Failures />
        {databases === null ? (
          <HomeShape />
        ) : (
          <>
            <ProtectionCard sentence={sayProtection(databases, nowMs)} />
            {databases.length === 0 ? null : (
              <ul className={styles.cards}>
                {databases.map((database) => (
                  <li key={database.key}>
                    <DatabaseCard database={database} nowMs={nowMs} />
                  </li>
                ))}
                {databases.length < 3 ? (
                  <li>
                    <AddCard />
                  </li>
                ) : null}
              </ul>
            )}
          </>
        )}
        <RecentActivity />
      </div>
    </Screen>
  );
}

function useFirstRunAtFirst(isEmpty: boolean): void {
  const isFresh = useHello(({ value }) => value?.isFresh ?? false);
  useEffect(() => {
    if (isFresh && isEmpty) beginFirstRun();
  }, [isFresh, isEmpty]);
}

function Failures() {
  const profiles = useProfiles();
  const backups = useBackups();
  const failed = [profiles, backups].filter(({ error }) => error !== null);
  return failed.map(({ error, reload }) =>
    error === null ? null : (
      <ErrorPanel
        key={`${error.code} ${error.message}`}
        error={error}
        actions={<Button onClick={reload}>{texts.tryAgain}</Button>}
      />
    ),
  );
}

/** The shape of the sentence and three cards. */
function HomeShape() {
  return (
    <Skeleton label={texts.loading}>
      <div className={styles.shape}>
        <SkeletonBar width="280px" height={20} />
        <SkeletonBar width="420px" />
      </div>
      <div className={styles.cards}>
        {["a", "b", "c"].map((key) => (
          <div key={key} className={styles.shape}>
            <SkeletonBar width="40%" height={14} />
            <SkeletonBar height={44} />
            <SkeletonBar width="70%" />
            <SkeletonBar width="55%" />
          </div>
        ))}
      </div>
    </Skeleton>
  );
}
