import { useRef, useState } from "react";
import type { SchemaDiffView } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Select } from "../../components/select.tsx";
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

/** Databases of a script, of which one is meant; none and null for what holds but one. */
interface Side {
  readonly all: readonly string[];
  readonly meant: string | null;
}
type Sides = Readonly<Record<"own" | "other", Side>>;
const oneEach: Sides = { own: { all: [], meant: null }, other: { all: [], meant: null } };

/** The one of that name; else the first that is not the server's own. */
function likely(all: readonly string[], name: string | null): string | null {
  if (name !== null && all.includes(name)) return name;
  return all.find((each) => !/^(?:postgres|template\d)$/.test(each)) ?? all[0] ?? null;
}

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

  const [sides, setSides] = useState<Sides>(oneEach);
  // What is chosen may change while an answer is under way, which is then one to another question.
  const question = useRef(0);

  function ask(): void {
    question.current += 1;
    setFound(null);
  }

  async function compare(chosen: OtherSide, password: string): Promise<void> {
    const given = password === "" ? {} : { password };
    const { own, other } = sides;
    const side = chosen.kind === "archive" && other.meant !== null ? { ...chosen, database: other.meant } : chosen;
    const meant = own.meant === null ? {} : { database: own.meant };
    ask();
    const asked = question.current;
    await run(async () => {
      try {
        const view = await client.invoke("compare.schemas", { path, ...meant, with: side, ...given });
        if (asked === question.current) setFound({ view, side });
      } catch (thrown) {
        if (asked !== question.current) return;
        // A script of several databases: which of them is a question, not a failure.
        if (toErrorValue(thrown).code !== "archive.databaseUnclear") throw thrown;
        const several = await askFor(chosen);
        if (asked === question.current) setSides(several);
      }
    });
  }

  async function askFor(side: OtherSide): Promise<Sides> {
    const mine = await client.invoke("archive.databases", { path });
    const theirs = side.kind === "archive" ? await client.invoke("archive.databases", { path: side.path }) : [];
    const own = { all: mine, meant: sides.own.meant ?? likely(mine, null) };
    return { own, other: { all: theirs, meant: likely(theirs, own.meant) } };
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
            ask();
            setSides(({ own }) => ({ ...oneEach, own }));
            forget();
          }}
        >
          {(["own", "other"] as const).map((side) =>
            sides[side].meant === null ? null : (
              <Select
                key={side}
                label={texts.databaseOf[side]}
                value={sides[side].meant}
                options={sides[side].all.map((name) => ({ value: name, label: visibleText(name) }))}
                onChange={(meant) => {
                  ask();
                  setSides({ ...sides, [side]: { ...sides[side], meant } });
                }}
              />
            ),
          )}
        </OtherSideForm>
        {found === null && !isBusy && (sides.own.meant ?? sides.other.meant) !== null ? (
          <p role="status">{texts.chooseDatabase}</p>
        ) : null}
        {error === null ? null : <ErrorPanel error={error} />}
        {isBusy && found === null ? <Skeleton label={texts.comparing} lines={[40, 82, 76, 88, 70]} /> : null}
        {found === null ? null : <Definitions path={path} view={found.view} other={formatOtherSide(found.side)} />}
      </div>
    </Screen>
  );
}
