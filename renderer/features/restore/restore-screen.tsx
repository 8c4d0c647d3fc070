import { SearchX } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { useJob } from "../../stores/jobs.ts";
import { fileNameOf } from "../archive/file-name.ts";
import { navigate, useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { RestoreReview } from "./restore-review.tsx";
import { RestoreRun } from "./restore-run.tsx";
import { useRestore } from "./restore-store.ts";
import { texts } from "./texts.ts";

/** A planned restore: its review, then its run and its verdict, all in one place. */
export function RestoreScreen() {
  const route = useRoute();
  const planId = route.screen === "restore" ? route.planId : null;
  const path = route.screen === "restore" ? route.path : undefined;
  const planned = useRestore(({ plans }) => plans.get(planId ?? ""));
  const job = useJob(planned?.jobId ?? null);
  if (planId === null) return null;

  const crumbs = [
    { label: texts.backups, to: { screen: "backups" } as const },
    ...(path === undefined ? [] : [{ label: fileNameOf(path), to: { screen: "archive", path } as const }]),
  ];
  if (planned === undefined)
    return (
      <Screen title={texts.screen} crumbs={crumbs}>
        <EmptyState
          icon={<SearchX />}
          title={texts.gone}
          action={
            <>
              <Button
                onClick={() => navigate(path === undefined ? { screen: "backups" } : { screen: "archive", path })}
              >
                {path === undefined ? texts.toBackups : texts.toArchive}
              </Button>
              <Button onClick={() => navigate({ screen: "activity" })}>{texts.toActivity}</Button>
            </>
          }
        >
          {texts.goneText}
        </EmptyState>
      </Screen>
    );
  return (
    <Screen title={planned.jobId === null ? texts.screen : texts.tray} crumbs={crumbs} actions={null} flush>
      {planned.jobId === null ? <RestoreReview planned={planned} /> : <RestoreRun planned={planned} job={job} />}
    </Screen>
  );
}
