import { CloudOff, CopyPlus } from "lucide-react";
import { type ReactNode, useState } from "react";
import type { StorageView } from "../../../shared/contract/storage-views.ts";
import type { Capabilities } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { Tabs } from "../../components/tabs.tsx";
import { useHello } from "../../stores/hello.ts";
import { useStorages, useStoredBackups } from "../../stores/storages.ts";
import type { StorageTab } from "../shell/route.ts";
import { navigate, useRoute } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { AddStorage } from "./add-storage.tsx";
import { BackupsTab } from "./backups-tab.tsx";
import { FilesTab } from "./files-tab.tsx";
import { MirrorDialog } from "./mirror-dialog.tsx";
import { RetentionTab } from "./retention-tab.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";
import { UsageTab } from "./usage-tab.tsx";

/** One storage: what lies in it, what it takes, what may go, how it is reached; or a new one. */
export function StorageScreen() {
  const route = useRoute();
  const { value: storages, error, reload } = useStorages();
  const capabilities = useHello(({ value }) => value?.capabilities ?? null);
  const name = route.screen === "storage" ? route.name : null;
  const storage = storages?.find((each) => each.name === name) ?? null;

  if (capabilities !== null && name === null) return <AddStorage capabilities={capabilities} />;
  if (capabilities !== null && storage !== null)
    return <SavedStorage key={storage.name} storage={storage} capabilities={capabilities} />;
  return (
    <Screen title={name ?? texts.addTitle}>
      {error !== null ? (
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />
      ) : storages === null || capabilities === null ? (
        <Skeleton label={texts.loading} lines={[40, 62, 55, 30]} />
      ) : (
        <EmptyState
          icon={<CloudOff />}
          title={texts.notFoundTitle}
          action={
            <Button variant="primary" onClick={() => navigate({ screen: "storage", name: null })}>
              {texts.addTitle}
            </Button>
          }
        >
          {texts.notFound(visibleText(name ?? ""))}
        </EmptyState>
      )}
    </Screen>
  );
}

/** Its backups to another place: those that are missing there. */
function MirrorButton({ name }: { readonly name: string }) {
  const { value } = useStoredBackups(name);
  const [isOpen, setIsOpen] = useState(false);
  const databases = [...new Set(value?.backups.map(({ database }) => database) ?? [])].toSorted();
  return (
    <>
      <Button icon={<CopyPlus aria-hidden />} onClick={() => setIsOpen(true)}>
        {texts.mirror}
      </Button>
      {isOpen ? <MirrorDialog from={name} databases={databases} onClose={() => setIsOpen(false)} /> : null}
    </>
  );
}

interface SavedStorageProps {
  readonly storage: StorageView;
  readonly capabilities: Capabilities;
}

function SavedStorage({ storage, capabilities }: SavedStorageProps) {
  const route = useRoute();
  const { name } = storage;
  const tab = route.screen === "storage" ? (route.tab ?? "backups") : "backups";
  const at = route.screen === "storage" ? (route.at ?? "") : "";
  const panels: Readonly<Record<StorageTab, ReactNode>> = {
    backups: <BackupsTab storage={storage} />,
    files: <FilesTab name={name} at={at} />,
    usage: <UsageTab name={name} />,
    retention: <RetentionTab storage={storage} />,
    settings: <SettingsTab storage={storage} capabilities={capabilities} />,
  };
  return (
    <Screen
      title={name}
      below={<span className={styles.below}>{visibleText(storage.address)}</span>}
      actions={<MirrorButton name={name} />}
    >
      <Tabs<StorageTab>
        label={name}
        value={tab}
        onChange={(next) => navigate({ screen: "storage", name, tab: next }, { replace: true })}
        className={styles.tabs}
        tabs={(["backups", "files", "usage", "retention", "settings"] as const).map((value) => ({
          value,
          label: texts.tabs[value],
          panel: <div className={styles.panel}>{panels[value]}</div>,
        }))}
      />
    </Screen>
  );
}
