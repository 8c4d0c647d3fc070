import { useState } from "react";
import type { FoundDatabase } from "../../../shared/contract/views.ts";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { type RadioCard, RadioCards } from "../../components/radio-cards.tsx";
import { Skeleton, SkeletonBar } from "../../components/skeleton.tsx";
import { cutMiddle, Visible } from "../../components/visible.tsx";
import { useBackups } from "../../stores/backups.ts";
import { type BackupWish, startBackup } from "../home/start-backup.ts";
import { OpenDumpButton } from "../shell/open-dump.tsx";
import { navigate } from "../shell/router.ts";
import { AnotherServer, type OtherServer } from "./another-server.tsx";
import styles from "./first-run-screen.module.css";
import { Progressing } from "./progressing.tsx";
import { texts } from "./texts.ts";

const sampleChoice = "sample";

/** What could be backed up, the likeliest chosen already. */
export function ChooseDatabase() {
  const client = useClient();
  const found = useLoaded("", () => client.invoke("databases.find", {}));
  const sample = useLoaded("", () => client.invoke("sample.status", {}));
  const location = useBackups(({ value }) => value?.location ?? null);
  const [picked, setPicked] = useState<string | null>(null);
  const [other, setOther] = useState<OtherServer | null>(null);
  const [starting, setStarting] = useState<BackupWish | null>(null);
  const [error, setError] = useState<ErrorValue | null>(null);

  const databases = found.value ?? [];
  const canSample = sample.value?.unavailable === null;
  const fallback = found.value === null ? null : (databases[0]?.id ?? (canSample ? sampleChoice : null));
  const choice = picked ?? fallback;
  const wish = other === null ? wishOf(choice, databases) : other.wish;

  async function begin(given: BackupWish): Promise<void> {
    setError(null);
    setStarting(given);
    try {
      const started = await startBackup(client, given);
      if (started !== null) navigate({ screen: "first-run", jobId: started.jobId }, { replace: true });
    } catch (thrown) {
      setError(toErrorValue(thrown));
    }
    setStarting(null);
  }

  if (starting !== null) {
    const isSample = starting.connection.kind === "sample";
    return (
      <Progressing
        name={isSample ? texts.theSample : starting.name}
        text={isSample ? texts.runningTextSample : texts.runningText}
        steps={[{ name: isSample ? texts.sampleStarting : texts.connecting, isDone: false }]}
        progress={null}
      />
    );
  }

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (wish !== null) void begin(wish);
      }}
    >
      <h1 className={styles.title}>{texts.title}</h1>
      <p className={styles.lead}>{texts.lead}</p>
      <div className={styles.stack}>
        {error === null ? null : <ErrorPanel error={error} />}
        <RadioCards
          label={texts.choices}
          value={other === null ? choice : null}
          options={[...databases.map(cardOf), sampleCard(sample.value?.unavailable ?? null)]}
          onChange={(value) => {
            setOther(null);
            setPicked(value);
          }}
          footer={
            <>
              <FindNote isLooking={found.isLoading} hasFound={databases.length > 0} error={found.error} />
              <AnotherServer value={other} onChange={setOther} />
            </>
          }
        />
      </div>
      <footer className={styles.foot}>
        <p className={styles.into}>
          {location === null ? null : (
            <>
              {texts.into} <Visible text={location} limit={44} className={styles.mono} />
            </>
          )}
        </p>
        <OpenDumpButton size="large" />
        <Button type="submit" variant="primary" size="large" disabled={wish === null}>
          {wish === null ? texts.backUpNothing : texts.backUp(cutMiddle(visibleText(wish.name), 28))}
        </Button>
      </footer>
    </form>
  );
}

function wishOf(choice: string | null, databases: readonly FoundDatabase[]): BackupWish | null {
  if (choice === sampleChoice) return { connection: { kind: "sample" }, database: null, name: texts.sample };
  const found = databases.find(({ id }) => id === choice);
  if (found === undefined) return null;
  return { connection: { kind: "found", id: found.id }, database: found.database, name: found.database };
}

function cardOf(found: FoundDatabase): RadioCard<string> {
  const { id, database, where, user, serverVersion, sizeBytes, source } = found;
  const detail = [
    visibleText(where),
    source === "running" || user === null ? null : texts.user(visibleText(user)),
    serverVersion === null ? null : `PostgreSQL ${serverVersion.split(" ")[0] ?? ""}`,
    sizeBytes === null ? null : formatBytes(sizeBytes),
  ];
  return {
    value: id,
    title: <Visible text={database} limit={40} />,
    detail: detail.filter((part) => part !== null).join(" · "),
    description: texts.sources[source],
  };
}

function sampleCard(unavailable: string | null): RadioCard<string> {
  return {
    value: sampleChoice,
    title: texts.sample,
    detail: texts.sampleDetail,
    description: unavailable === null ? texts.sampleText : texts.sampleUnavailable(unavailable),
    disabled: unavailable !== null,
  };
}

interface FindNoteProps {
  readonly isLooking: boolean;
  readonly hasFound: boolean;
  readonly error: ErrorValue | null;
}

function FindNote({ isLooking, hasFound, error }: FindNoteProps) {
  if (isLooking) {
    return (
      <Skeleton label={texts.looking}>
        <div className={styles.shape}>
          <SkeletonBar width="46%" height={12} />
          <SkeletonBar width="30%" />
        </div>
      </Skeleton>
    );
  }
  if (error !== null) return <p className={styles.note}>{`${texts.findFailed} ${error.message}`}</p>;
  return hasFound ? null : <p className={styles.note}>{texts.nothingFound}</p>;
}
