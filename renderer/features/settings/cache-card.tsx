import { toErrorValue } from "../../../shared/error/app-error.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { notifyError } from "../../components/toasts.tsx";
import styles from "./settings-screen.module.css";
import { texts } from "./texts.ts";

/** What is kept here of archives in storages, and emptying it. */
export function CacheCard() {
  const client = useClient();
  const { value, error, reload } = useLoaded("cache", () => client.invoke("archives.cache", {}));

  async function clear(): Promise<void> {
    await client.invoke("archives.clearCache", {});
    reload();
  }

  return (
    <Card title={texts.cache}>
      {error === null ? null : (
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.tryAgain}</Button>} />
      )}
      <div className={styles.row}>
        <span>
          {value !== null
            ? texts.cacheSize(formatBytes(value.bytes), formatBytes(value.mostBytes))
            : error === null
              ? texts.cacheLooking
              : null}
        </span>
        <Button
          size="small"
          disabled={value === null || value.bytes === 0}
          onClick={() => void clear().catch((thrown: unknown) => notifyError(toErrorValue(thrown)))}
        >
          {texts.cacheClear}
        </Button>
      </div>
      <p className={styles.note}>{texts.cacheNote}</p>
    </Card>
  );
}
