import { Activity } from "lucide-react";
import { useMemo, useState } from "react";
import { jobKinds } from "../../../shared/job/job.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { SearchField } from "../../components/search-field.tsx";
import { Select } from "../../components/select.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useJobs } from "../../stores/jobs.ts";
import { navigate, useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./activity-screen.module.css";
import { filterJobs, noFilter } from "./filter-jobs.ts";
import { JobDetail } from "./job-detail.tsx";
import { JobTable } from "./job-table.tsx";
import { texts } from "./texts.ts";

/** Everything that ran and runs, and what came of it. */
export function ActivityScreen() {
  const route = useRoute();
  const chosen = route.screen === "activity" ? route.jobId : undefined;
  const jobs = useJobs((state) => state.jobs);
  const [filter, setFilter] = useState(noFilter);
  const shown = useMemo(() => filterJobs(jobs ?? [], filter), [jobs, filter]);
  const jobId = chosen ?? jobs?.[0]?.id;

  if (jobs !== null && jobs.length === 0 && chosen === undefined) {
    return (
      <Screen title={texts.title}>
        <EmptyState
          icon={<Activity />}
          title={texts.emptyTitle}
          action={
            <Button variant="primary" onClick={() => navigate({ screen: "home" })}>
              {texts.emptyAction}
            </Button>
          }
        >
          {texts.empty}
        </EmptyState>
      </Screen>
    );
  }

  return (
    <Screen title={texts.title} flush>
      <div className={styles.panes}>
        <div className={styles.list}>
          <div className={styles.filters}>
            <SearchField
              slash
              label={texts.search}
              value={filter.text}
              className={styles.search}
              onChange={(text) => setFilter({ ...filter, text })}
            />
            <Select
              hideLabel
              size="small"
              label={texts.stateFilter}
              value={filter.state}
              options={stateOptions}
              onChange={(state) => setFilter({ ...filter, state })}
            />
            <Select
              hideLabel
              size="small"
              label={texts.kindFilter}
              value={filter.kind}
              options={kindOptions}
              onChange={(kind) => setFilter({ ...filter, kind })}
            />
          </div>
          {jobs === null ? (
            <div className={styles.loading}>
              <Skeleton label={texts.loading} lines={[70, 55, 62, 48, 66, 52]} />
            </div>
          ) : (
            <JobTable
              jobs={shown}
              selectedId={jobId ?? null}
              onSelect={(job) => navigate({ screen: "activity", jobId: job.id }, { replace: chosen !== undefined })}
              empty={
                <EmptyState
                  title={texts.noneFoundTitle}
                  action={<Button onClick={() => setFilter(noFilter)}>{texts.showAll}</Button>}
                >
                  {texts.noneFound}
                </EmptyState>
              }
            />
          )}
        </div>
        <div className={styles.detail}>{jobId === undefined ? null : <JobDetail key={jobId} jobId={jobId} />}</div>
      </div>
    </Screen>
  );
}

const stateOptions = [
  { value: "any", label: texts.anyState },
  { value: "live", label: texts.live },
  { value: "good", label: texts.good },
  { value: "bad", label: texts.bad },
  { value: "cancelled", label: texts.cancelledOnly },
] as const;

const kindOptions = [
  { value: "any" as const, label: texts.anyKind },
  ...jobKinds.map((kind) => ({ value: kind, label: texts.kinds[kind] })),
];
