import { lazy, Suspense } from "react";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { archiveStoreOf } from "./archive-store.ts";
import styles from "./object-pane.module.css";
import { texts } from "./texts.ts";

const SqlView = lazy(async () => ({ default: (await import("./sql-view.tsx")).SqlView }));

/** The SQL that makes an object, with what belongs to it. */
export function DefinitionPane({
  path,
  dumpId,
  name,
}: {
  readonly path: string;
  readonly dumpId: number;
  readonly name: string;
}) {
  const store = archiveStoreOf(useClient());
  const { value, error, reload } = useLoaded(JSON.stringify([path, dumpId]), () =>
    store.ask("archive.definition", { dumpId }),
  );
  if (error !== null)
    return (
      <div className={styles.inner}>
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.readOn}</Button>} />
      </div>
    );
  const waiting = (
    <div className={styles.inner}>
      <Skeleton label={texts.readingDefinition} lines={[40, 64, 58, 62, 51, 12, 0, 70]} />
    </div>
  );
  if (value === null) return waiting;
  return (
    <div className={styles.sql}>
      <Suspense fallback={waiting}>
        <SqlView sql={value.sql} label={texts.definition(visibleText(name))} />
      </Suspense>
      <div className={styles.copySql}>
        <CopyButton text={value.sql} label={texts.copyDefinition} />
      </div>
    </div>
  );
}
