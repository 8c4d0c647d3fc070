import { useState } from "react";
import type { SchemaDiffView } from "../../../shared/contract/views.ts";
import { useClient } from "../../client/client-context.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useWork } from "../../components/use-work.ts";
import { fileNameOf } from "../archive/file-name.ts";
import { useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./compare-screen.module.css";
import { Definitions } from "./definitions.tsx";
import { formatOtherSide, type OtherSide } from "./other-side.ts";
import { OtherSideForm } from "./other-side-form.tsx";
import { texts } from "./texts.ts";

/** The definitions in an archive beside those of a database or of another archive, and the way to their rows. */
export function DiffScreen() {
  const route = useRoute();
  if (route.screen !== "diff") return null;
  return <Diffing key={JSON.stringify([route.path, route.with])} path={route.path} address={route.with} />;
}

function Diffing({ path, address }: { readonly path: string; readonly address: string | undefined }) {
  const client = useClient();
  const { isBusy, error, run, forget } = useWork();
  const [found, setFound] = useState<{ readonly view: SchemaDiffView; readonly side: OtherSide } | null>(null);

  async function compare(side: OtherSide, password: string): Promise<void> {
    const given = password === "" ? {} : { password };
    const isDone = await run(async () =>
      setFound({ view: await client.invoke("compare.schemas", { path, with: side, ...given }), side }),
    );
    if (!isDone) setFound(null);
  }

  return (
    <Screen
      title={texts.diffScreen}
      crumbs={[
        { label: texts.backups, to: { screen: "backups" } },
        { label: fileNameOf(path), to: { screen: "archive", path } },
      ]}
      actions={null}
    >
      <div className={styles.page}>
        <OtherSideForm
          path={path}
          address={address}
          label={texts.diffScreen}
          lead={texts.diffLead}
          isBusy={isBusy}
          error={error}
          isDone={found !== null}
          onCompare={(side, password) => void compare(side, password)}
          onChange={() => {
            setFound(null);
            forget();
          }}
        />
        {error === null ? null : <ErrorPanel error={error} />}
        {isBusy && found === null ? <Skeleton label={texts.comparing} lines={[40, 82, 76, 88, 70]} /> : null}
        {found === null ? null : <Definitions path={path} view={found.view} other={formatOtherSide(found.side)} />}
      </div>
    </Screen>
  );
}
