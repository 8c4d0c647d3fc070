import type { ProfileView } from "../../../shared/contract/views.ts";
import type { Protection } from "../../../shared/policy/protection.ts";
import { Card } from "../../components/card.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { JobBadge } from "../activity/job-badge.tsx";
import { BackupsOfDatabase } from "./backups-of-database.tsx";
import { PlacesCard } from "./places-card.tsx";
import { PreflightCard } from "./preflight-card.tsx";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

export interface OverviewProps {
  readonly profile: ProfileView;
  /** null while it is not known. */
  readonly protection: Protection | null;
}

/** How a database stands: a backup under way, those there are, and what to know before the next. */
export function Overview({ profile, protection }: OverviewProps) {
  const running = protection?.running ?? null;
  return (
    <div className={styles.columns}>
      <div className={styles.column}>
        {running === null ? null : (
          <Card title={texts.running} actions={<JobBadge job={running} />}>
            <ProgressBar progress={running.progress} label={running.title} />
          </Card>
        )}
        <BackupsOfDatabase profile={profile} />
      </div>
      <div className={styles.column}>
        <PlacesCard key={profile.name} profile={profile} />
        <PreflightCard profile={profile} />
      </div>
    </div>
  );
}
