import { useState } from "react";
import type { CompareView } from "../../../shared/contract/views.ts";
import { useClient } from "../../client/client-context.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { useWork } from "../../components/use-work.ts";
import { fileNameOf } from "../archive/file-name.ts";
import { useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./compare-screen.module.css";
import { Compared, ComparedArchives } from "./compared.tsx";
import { backupInAddress, type OtherSide } from "./other-side.ts";
import { OtherSideForm } from "./other-side-form.tsx";
import { texts } from "./texts.ts";

/** Rows of each kind that are shown. */
const shownRows = 200;

/** A table of an archive beside the live one, or beside that of another archive. */
export function CompareScreen() {
  const route = useRoute();
  if (route.screen !== "compare") return null;
  const { path, dumpId, with: address } = route;
  return <Comparing key={JSON.stringify([path, dumpId, address])} path={path} dumpId={dumpId} address={address} />;
}

interface ComparingProps {
  readonly path: string;
  readonly dumpId: number;
  readonly address: string | undefined;
}

function Comparing({ path, dumpId, address }: ComparingProps) {
  const client = useClient();
  const { isBusy, error, run, forget } = useWork();
  const [isBackup, setIsBackup] = useState(backupInAddress(address) !== null);
  const [found, setFound] = useState<{
    readonly view: CompareView;
    readonly side: OtherSide;
    readonly password: string;
  } | null>(null);

  async function compare(side: OtherSide, password: string): Promise<void> {
    const given = password === "" ? {} : { password };
    const asked = { path, dumpId, with: side, limit: shownRows, ...given };
    const isDone = await run(async () => setFound({ view: await client.invoke("compare.run", asked), side, password }));
    if (!isDone) setFound(null);
  }

  return (
    <Screen
      title={isBackup ? texts.screens.archive : texts.screens.live}
      crumbs={[
        { label: texts.backups, to: { screen: "backups" } },
        { label: fileNameOf(path), to: { screen: "archive", path, dumpId } },
      ]}
      actions={null}
    >
      <div className={styles.page}>
        <OtherSideForm
          path={path}
          address={address}
          label={texts.screens.live}
          lead={isBackup ? texts.leadOfArchive : texts.lead}
          isBusy={isBusy}
          error={error}
          isDone={found !== null}
          onCompare={(side, password) => void compare(side, password)}
          onChange={(next) => {
            setIsBackup(next);
            setFound(null);
            forget();
          }}
        />
        {error === null ? null : <ErrorPanel error={error} />}
        {found === null ? null : found.side.kind === "archive" ? (
          <ComparedArchives view={found.view} />
        ) : (
          <Compared
            // Another comparison begins with its own ticks.
            key={JSON.stringify([found.view.database, found.view.counts])}
            path={path}
            dumpId={dumpId}
            view={found.view}
            connection={found.side}
            password={found.password}
          />
        )}
      </div>
    </Screen>
  );
}
