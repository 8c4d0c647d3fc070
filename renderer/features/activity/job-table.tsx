import type { ReactNode } from "react";
import type { Job } from "../../../shared/job/job.ts";
import { type Column, DataTable } from "../../components/data-table.tsx";
import { ProgressBar } from "../../components/progress-bar.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Visible } from "../../components/visible.tsx";
import { isLive } from "../../stores/jobs.ts";
import { JobBadge } from "./job-badge.tsx";
import styles from "./job-table.module.css";
import { texts } from "./texts.ts";

export interface JobTableProps {
  readonly jobs: readonly Job[];
  readonly selectedId: string | null;
  onSelect(job: Job): void;
  readonly empty: ReactNode;
}

/** Jobs by row, the newest first. */
export function JobTable({ jobs, selectedId, onSelect, empty }: JobTableProps) {
  return (
    <DataTable
      label={texts.list}
      columns={columns}
      rows={jobs}
      rowKey={(job) => job.id}
      selectedKey={selectedId}
      onSelect={onSelect}
      rowHeight={48}
      empty={empty}
    />
  );
}

const columns: readonly Column<Job>[] = [
  {
    key: "what",
    title: texts.whatColumn,
    width: "minmax(190px, 1fr)",
    compare: (one, other) => one.title.localeCompare(other.title),
    cell: (job) => (
      <div className={styles.what}>
        <span className={styles.title}>
          <Visible text={job.title} limit={48} />
        </span>
        <span className={styles.below}>
          {isLive(job) ? (
            <ProgressBar isBrief progress={job.progress} label={job.title} />
          ) : (
            <RelativeTime iso={job.endedAt ?? job.createdAt} />
          )}
        </span>
      </div>
    ),
  },
  {
    key: "state",
    title: texts.stateColumn,
    width: "minmax(112px, 158px)",
    compare: (one, other) => one.state.localeCompare(other.state),
    cell: (job) => <JobBadge job={job} />,
  },
];
