import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { classNames } from "../../components/class-names.ts";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Visible } from "../../components/visible.tsx";
import { archiveStoreOf, type Closure, type OpenedArchive, useArchive } from "../archive/archive-store.ts";
import { setTicks, tickStateOf } from "../archive/model/selection.ts";
import { texts as archiveTexts } from "../archive/texts.ts";
import type { RestoreDraft } from "./restore-store.ts";
import styles from "./restore-tray.module.css";
import { texts } from "./texts.ts";

/** What comes along by itself, in a line; what may be wanted, to be added or left. */
export function Needs({ opened, mode }: { readonly opened: OpenedArchive; readonly mode: RestoreDraft["mode"] }) {
  const { tree } = opened;
  const store = archiveStoreOf(useClient());
  const { closure, closureError, declined, selection } = useArchive();
  if (closureError !== null) return <ErrorPanel error={closureError} />;
  if (closure === null) return null;
  // Parts of what is ticked are not worth a word; objects of their own are.
  const added = closure.added.filter(({ dumpId }) => {
    const node = tree.nodeOf(dumpId);
    const isOwn = tree.ownIds(node).includes(dumpId);
    return isOwn && tickStateOf(tree, selection, node) !== "on";
  });
  const offered = closure.offered.filter(({ dumpId }) => !declined.has(dumpId));
  const nodes = offered.map(({ dumpId }) => tree.nodeOf(dumpId)).filter((node) => node >= 0);
  return (
    <>
      {offered.length === 0 ? null : (
        <section className={classNames(styles.card, styles.warn)} aria-label={texts.mayNeed[mode]}>
          <h3>{texts.mayNeed[mode]}</h3>
          <NameList entries={offered} opened={opened} />
          <div className={styles.buttons}>
            <Button size="small" onClick={() => store.select(setTicks(tree, selection, nodes, true))}>
              {texts.addAll(offered.length)}
            </Button>
            <Button size="small" onClick={() => store.decline(offered.map(({ dumpId }) => dumpId))}>
              {texts.notNow}
            </Button>
          </div>
        </section>
      )}
      {added.length === 0 ? null : (
        <section className={styles.along} aria-label={texts.comeAlong[mode]}>
          <h3>{texts.comeAlong[mode]}</h3>
          <NameList entries={added} opened={opened} />
        </section>
      )}
      {closure.warnings.length === 0 ? null : (
        <details className={styles.more}>
          <summary>{texts.toKnow(closure.warnings.length)}</summary>
          <ul className={styles.known}>
            {closure.warnings.map((warning) => (
              <li key={warning}>{visibleText(warning)}</li>
            ))}
          </ul>
        </details>
      )}
    </>
  );
}

const NAMED = 8;

/** `table products, type order_status and 3 more`, the reason of each on hover. */
function NameList({
  entries,
  opened: { tree },
}: {
  readonly entries: Closure["added"];
  readonly opened: OpenedArchive;
}) {
  const rest = entries.length - NAMED;
  return (
    <p className={styles.names}>
      {entries.slice(0, NAMED).map(({ dumpId, name, because }, index) => (
        <span key={dumpId} title={visibleText(because)}>
          {index === 0 ? "" : ", "}
          {archiveTexts.kinds[tree.kind[tree.nodeOf(dumpId)] ?? "other"]} <Visible text={name} limit={30} />
        </span>
      ))}
      {rest > 0 ? ` ${texts.andMore(rest)}` : null}
    </p>
  );
}
