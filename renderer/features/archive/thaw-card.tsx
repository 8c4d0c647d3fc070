import { useState } from "react";
import { type ErrorValue, toErrorValue } from "../../../shared/error/app-error.ts";
import { formatTime } from "../../../shared/text/format.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Select } from "../../components/select.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { texts } from "./texts.ts";
import styles from "./thaw-card.module.css";

const tiers = ["Standard", "Bulk", "Expedited"] as const;
const spans = ["1", "3", "7", "30"] as const;

/** An archive in an archive class: how far it is from being readable, and having it thawed. */
export function ThawCard({ path, onReady }: { readonly path: string; onReady(): void }) {
  const client = useClient();
  const { value, error, isLoading, reload } = useLoaded(path, () =>
    client.invoke("archives.thaw", { path, ask: null }),
  );
  const [tier, setTier] = useState<(typeof tiers)[number]>("Standard");
  const [days, setDays] = useState<(typeof spans)[number]>("7");
  const [isAsking, setIsAsking] = useState(false);
  const [refusal, setRefusal] = useState<ErrorValue | null>(null);

  async function ask(): Promise<void> {
    setIsAsking(true);
    setRefusal(null);
    try {
      await client.invoke("archives.thaw", { path, ask: { days: Number(days), tier } });
      reload();
    } catch (thrown) {
      setRefusal(toErrorValue(thrown));
    } finally {
      setIsAsking(false);
    }
  }

  return (
    <Card title={texts.thawTitle}>
      <div className={styles.fields}>
        {error === null ? null : (
          <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.openAgain}</Button>} />
        )}
        {value === null ? (
          error === null ? (
            <Skeleton label={texts.thawLooking} />
          ) : null
        ) : value.ongoing > 0 ? (
          <>
            <p className={styles.said} role="status">
              <ToneIcon tone="info" />
              {texts.thawOngoing(value.ongoing, value.files)}
            </p>
            <div>
              <Button busy={isLoading} onClick={reload}>
                {texts.thawLook}
              </Button>
            </div>
          </>
        ) : value.frozen > 0 ? (
          <>
            <p>{texts.thawText}</p>
            <div className={styles.row}>
              <Select
                label={texts.thawTier}
                value={tier}
                options={tiers.map((each) => ({ value: each, label: each, description: texts.thawTiers[each] }))}
                onChange={(chosen) => setTier(chosen)}
              />
              <Select
                label={texts.thawDays}
                value={days}
                options={spans.map((each) => ({ value: each, label: texts.thawSpan(Number(each)) }))}
                onChange={(chosen) => setDays(chosen)}
              />
              <Button variant="primary" busy={isAsking} onClick={() => void ask()}>
                {texts.thaw}
              </Button>
            </div>
          </>
        ) : (
          <>
            <p className={styles.said} role="status">
              <ToneIcon tone="good" />
              {value.readyUntil === null ? texts.thawNone : texts.thawReady(formatTime(value.readyUntil))}
            </p>
            <div>
              <Button variant="primary" onClick={onReady}>
                {texts.thawOpen}
              </Button>
            </div>
          </>
        )}
        {refusal === null ? null : <ErrorPanel error={refusal} />}
      </div>
    </Card>
  );
}
