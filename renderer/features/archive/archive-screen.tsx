import { Dialog } from "@base-ui/react/dialog";
import { FolderOpen, PanelRight, X } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { isRemoteLocation } from "../../../shared/storage/location.ts";
import { formatBytes } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { usePickArchive } from "../../components/pick-path.ts";
import { Skeleton, SkeletonBar } from "../../components/skeleton.tsx";
import { useStorages } from "../../stores/storages.ts";
import { BackupMenu } from "../backups/backup-menu.tsx";
import { ChecksButton } from "../backups/checks-button.tsx";
import { formatMoment } from "../backups/dates.ts";
import { startVerify } from "../backups/start-verify.ts";
import { useVerdict } from "../backups/use-verdicts.ts";
import { VerdictBadge } from "../backups/verdict-badge.tsx";
import { RestoreTray } from "../restore/restore-tray.tsx";
import { texts as restoreTexts } from "../restore/texts.ts";
import { navigate, type Route, useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./archive-screen.module.css";
import { archiveStoreOf, type OpenedArchive, useArchive } from "./archive-store.ts";
import { ArchiveTree } from "./archive-tree.tsx";
import { fileNameOf } from "./file-name.ts";
import { everythingSelected, isEverything, noSelection, summarize } from "./model/selection.ts";
import type { NodeIndex, TreeModel } from "./model/tree-model.ts";
import { ObjectPane } from "./object-pane.tsx";
import { asksForSecret, SecretCard } from "./secret-card.tsx";
import { texts } from "./texts.ts";
import { ThawCard } from "./thaw-card.tsx";
import { useIsNarrow } from "./use-is-narrow.ts";

/** What is in an archive, and what of it is to come back. */
export function ArchiveScreen() {
  const route = useRoute();
  const store = archiveStoreOf(useClient());
  const path = route.screen === "archive" ? route.path : null;
  const { opened, error } = useArchive();
  const pick = usePickArchive();

  useEffect(() => {
    if (path !== null) void store.open(path);
  }, [path, store]);

  async function openOther(): Promise<void> {
    const other = await pick();
    if (other !== null) navigate({ screen: "archive", path: other });
  }

  if (path === null) return null;
  const isHere = opened !== null && store.getState().path === path;
  if (isHere) return <OpenedScreen opened={opened} route={route} />;
  const crumbs = [{ label: texts.backups, to: { screen: "backups" } as const }];
  return (
    <Screen title={fileNameOf(path)} crumbs={crumbs} below={<Badge>{visibleText(path)}</Badge>} flush>
      {error === null ? (
        <OpeningPanes />
      ) : (
        <div className={styles.failed}>
          {asksForSecret(error) ? (
            <SecretCard
              error={error}
              onGiven={(secret) => void store.open(path, secret)}
              onOtherFile={() => void openOther()}
            />
          ) : (
            <ErrorPanel
              error={error}
              actions={
                <>
                  <Button onClick={() => void openOther()} icon={<FolderOpen aria-hidden />}>
                    {texts.otherFile}
                  </Button>
                  <Button onClick={() => void store.open(path)}>{texts.openAgain}</Button>
                </>
              }
            />
          )}
          {error.code === "storage.archived" ? <ThawCard path={path} onReady={() => void store.open(path)} /> : null}
        </div>
      )}
    </Screen>
  );
}

function OpenedScreen({ opened, route }: { readonly opened: OpenedArchive; readonly route: Route }) {
  const { view, tree } = opened;
  const client = useClient();
  const store = archiveStoreOf(client);
  const isNarrow = useIsNarrow();
  const [isTrayOpen, setIsTrayOpen] = useState(false);
  const selection = useArchive((state) => state.selection);
  const verdict = useVerdict(view.path);
  const storage = useStorageOf(view.path);
  const place = storage ?? addressOf(view.path);
  const current = currentNode(tree, route);
  const { tables, others, isEverything: all } = summarize(tree, selection);
  const isAnyTicked = tables.length + others.length > 0;

  function choose(node: NodeIndex): void {
    const dumpId = opened.columns.dumpId[tree.entry[node] ?? -1];
    if (dumpId !== undefined) navigate({ screen: "archive", path: view.path, dumpId }, { replace: true });
  }

  function tickAll(): void {
    store.select(isEverything(tree, selection) ? noSelection(tree) : everythingSelected(tree));
  }

  const format = `${view.format} · ${view.compression} · ${formatBytes(view.sizeBytes)}`;
  return (
    <Screen
      title={formatMoment(view.backup?.startedAt ?? view.createdAt)}
      crumbs={[
        ...(storage === null
          ? [{ label: texts.backups, to: { screen: "backups" } as const }]
          : [{ label: storage, to: { screen: "storage", name: storage } as const }]),
        {
          label: view.database ?? fileNameOf(view.path),
          to: storage === null ? { screen: "backups" } : { screen: "storage", name: storage },
        },
      ]}
      below={
        <>
          {view.backup === null ? (
            <VerdictBadge verdict={verdict} backup={null} />
          ) : (
            <ChecksButton
              backup={view.backup}
              name={`${visibleText(view.backup.database)}, ${formatMoment(view.backup.startedAt)}`}
            />
          )}
          <Badge>
            <span title={visibleText(view.path)}>{place === null ? texts.thisComputer : visibleText(place)}</span>
          </Badge>
          <Badge>
            <span title={texts.archiveVersion(view.archiveVersion)}>{format}</span>
          </Badge>
          <Badge>
            <span title={visibleText(`${view.serverVersion ?? ""}\n${view.dumpVersion ?? ""}`)}>
              {visibleText(texts.madeBy(shortVersion(view.serverVersion), shortVersion(view.dumpVersion)))}
            </span>
          </Badge>
        </>
      }
      actions={
        <>
          <BackupMenu
            path={view.path}
            name={visibleText(view.database ?? fileNameOf(view.path))}
            isReadable={false}
            hasManifest={view.backup !== null}
          />
          {isNarrow ? null : (
            <>
              {verdict?.kind === "running" ? null : (
                <Button onClick={() => startVerify(client, view.path, "read")}>{texts.verify}</Button>
              )}
              <Button onClick={tickAll}>{texts.restoreEverything}</Button>
            </>
          )}
          {isNarrow ? (
            <Button variant="primary" icon={<PanelRight aria-hidden />} onClick={() => setIsTrayOpen(true)}>
              {isAnyTicked ? restoreTexts.title(tables.length, others.length, all) : restoreTexts.openTray}
            </Button>
          ) : null}
        </>
      }
      flush
    >
      <div className={styles.panes}>
        <ArchiveTree opened={opened} current={current} onChoose={choose} />
        <ObjectPane opened={opened} node={current} onChoose={choose} />
        {isNarrow ? null : (
          <aside className={styles.tray} aria-label={restoreTexts.tray}>
            <RestoreTray opened={opened} />
          </aside>
        )}
      </div>
      {isNarrow ? (
        <TrayDrawer isOpen={isTrayOpen} onOpenChange={setIsTrayOpen}>
          <RestoreTray opened={opened} />
        </TrayDrawer>
      ) : null}
    </Screen>
  );
}

interface TrayDrawerProps {
  readonly isOpen: boolean;
  onOpenChange(isOpen: boolean): void;
  readonly children: React.ReactNode;
}

/** The tray where there is no room for it: comes in from the right, takes the focus and gives it back. */
function TrayDrawer({ isOpen, onOpenChange, children }: TrayDrawerProps) {
  const drawer = useRef<HTMLDivElement>(null);
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => onOpenChange(next)}>
      <Dialog.Portal>
        <Dialog.Backdrop className={styles.backdrop} />
        {/* Not the button that closes it: what is in it is read first. */}
        <Dialog.Popup ref={drawer} initialFocus={drawer} className={styles.drawer}>
          <Dialog.Title className={styles.drawerHead}>
            {restoreTexts.tray}
            <Dialog.Close
              render={
                <IconButton label={restoreTexts.closeTray} shortcut="Esc">
                  <X aria-hidden />
                </IconButton>
              }
            />
          </Dialog.Title>
          {children}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** The address of what lies elsewhere; null for this computer. */
function addressOf(path: string): string | null {
  return isRemoteLocation(path) ? path.replace(/\/[^/]*$/, "") : null;
}

/** The saved storage that an archive lies in, by its name; null for none. */
function useStorageOf(path: string): string | null {
  const storages = useStorages(({ value }) => value) ?? [];
  const holding = storages.filter(({ address }) => path.startsWith(`${address}/`));
  const [nearest] = holding.toSorted((one, other) => other.address.length - one.address.length);
  return nearest?.name ?? null;
}

/** `15.18` of `15.18 (Debian 15.18-0+deb12u1)`. */
function shortVersion(version: string | null): string | null {
  return version?.split(" ", 1)[0] ?? null;
}

/** The node that the address names; at first the first table, so that something is to be seen. */
function currentNode(tree: TreeModel, route: Route): NodeIndex {
  const dumpId = route.screen === "archive" ? route.dumpId : undefined;
  return dumpId === undefined ? tree.rowsId.findIndex((id) => id !== 0) : tree.nodeOf(dumpId);
}

function OpeningPanes() {
  return (
    <div className={styles.panes}>
      <div className={styles.opening}>
        <Skeleton label={texts.loading}>
          {[50, 70, 64, 80, 58, 72, 66, 40, 62].map((width, index) => (
            <SkeletonBar key={`${index}-${width}`} width={`${width}%`} />
          ))}
        </Skeleton>
      </div>
      <div className={styles.openingRows} />
      <div className={styles.tray} />
    </div>
  );
}
