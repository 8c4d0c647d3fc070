import { Archive, Pin, PinOff, Trash2 } from "lucide-react";
import { useState } from "react";
import type { StorageBackups, StorageView } from "../../../shared/contract/storage-views.ts";
import type { BackupView } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import type { MenuItem } from "../../components/menu.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify, notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { useStoredBackups } from "../../stores/storages.ts";
import { ListingView } from "../backups/listing-view.tsx";
import { useVerdicts } from "../backups/use-verdicts.ts";
import { formatRoute, navigate } from "../shell/router.ts";
import { DeleteDialog } from "./delete-dialog.tsx";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";

/** The backups in a storage, as those of this computer are shown, with what can be done with them there. */
export function BackupsTab({ storage }: { readonly storage: StorageView }) {
  const { value, error, reload } = useStoredBackups(storage.name);
  return (
    <>
      {error === null ? null : (
        <ErrorPanel
          error={error}
          actions={
            <>
              <Button onClick={reload}>{texts.again}</Button>
              <Button onClick={() => navigate({ screen: "storage", name: storage.name, tab: "settings" })}>
                {texts.tabs.settings}
              </Button>
            </>
          }
        />
      )}
      {value === null && error === null ? (
        <Skeleton label={texts.listing} lines={[100, 34, 92, 88, 90, 34, 94]} />
      ) : null}
      {value === null ? null : <Listing storage={storage} listing={value} />}
    </>
  );
}

function Listing({ storage, listing }: { readonly storage: StorageView; readonly listing: StorageBackups }) {
  const client = useClient();
  const verdicts = useVerdicts();
  const [doomed, setDoomed] = useState<BackupView | null>(null);
  const { name } = storage;
  const pinned = new Set(listing.pinned);
  const holds = useHolds(storage, listing);

  async function setPin(id: string, isPinned: boolean): Promise<void> {
    try {
      await client.invoke("storages.pin", { name, id, isPinned });
      notify({ tone: "good", title: isPinned ? texts.pinnedDone : texts.unpinnedDone });
    } catch (thrown) {
      notifyError(toErrorValue(thrown));
    }
  }

  function menuFor(backup: BackupView): readonly MenuItem[] {
    const { id } = backup;
    if (id === null) return [];
    const isPinned = pinned.has(id);
    return [
      {
        label: isPinned ? texts.unpin : texts.pin,
        icon: isPinned ? <PinOff aria-hidden /> : <Pin aria-hidden />,
        run: () => void setPin(id, !isPinned),
      },
      {
        label: texts.deleteOne,
        icon: <Trash2 aria-hidden />,
        isDangerous: true,
        run: () => setDoomed(backup),
      },
    ];
  }

  return (
    <>
      <ListingView
        listing={listing}
        verdicts={verdicts}
        menuFor={menuFor}
        lockedUntil={({ path }) => holds.get(path)}
        isPinned={({ id }) => id !== null && pinned.has(id)}
        empty={
          <Card>
            <EmptyState icon={<Archive />} title={texts.emptyTitle}>
              {texts.empty}
            </EmptyState>
          </Card>
        }
      >
        <WithoutManifest paths={listing.withoutManifest} />
      </ListingView>
      {doomed === null ? null : <DeleteDialog storage={name} backup={doomed} onClose={() => setDoomed(null)} />}
    </>
  );
}

/** Each has to be asked for, so only the newest are: they are the ones that are still held. */
const mostAsked = 200;

/** Until when Object Lock holds the newest backups, by the archive's address; null: until it is lifted. */
function useHolds({ name, address, settings }: StorageView, { backups }: StorageBackups) {
  const client = useClient();
  const asked = new Map(
    backups.slice(0, mostAsked).map(({ path }) => [manifestPathOf(path.slice(address.length + 1)), path] as const),
  );
  const paths = settings.kind === "s3" ? [...asked.keys()] : [];
  // What cannot be asked is not shown; the storage's test says why.
  const { value } = useLoaded(`${name}\n${paths.join("\n")}`, async () =>
    paths.length === 0 ? [] : client.invoke("storages.holds", { name, manifests: paths }),
  );
  return new Map(value?.map(({ path, until }) => [asked.get(path) ?? "", until]));
}

/** Of the manifest beside an archive: all files of a backup begin alike. */
function manifestPathOf(archive: string): string {
  return archive.replace(/(_\d{8}T\d{6}Z)\.[^/]*$/, "$1.manifest.json");
}

/** Archives that lost their manifest, or never had one of ours. */
function WithoutManifest({ paths }: { readonly paths: readonly string[] }) {
  if (paths.length === 0) return null;
  return (
    <Card title={texts.withoutManifestTitle(paths.length)}>
      <div className={styles.fields}>
        <p className={styles.note}>{texts.withoutManifestText}</p>
        <ul>
          {paths.slice(0, 50).map((path) => (
            <li key={path} className={styles.entry}>
              <a href={formatRoute({ screen: "archive", path })} title={visibleText(path)}>
                <Visible text={path} limit={100} />
              </a>
            </li>
          ))}
        </ul>
      </div>
    </Card>
  );
}
