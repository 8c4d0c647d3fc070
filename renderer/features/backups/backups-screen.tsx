import { Archive, CopyPlus } from "lucide-react";
import { useMemo, useState } from "react";
import type { BackupListing, RecentArchive } from "../../../shared/contract/views.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useRecentArchives } from "../../stores/recent-archives.ts";
import { OpenDumpButton } from "../shell/open-dump.tsx";
import { navigate } from "../shell/router.ts";
import { Screen } from "../shell/screen.tsx";
import { MirrorDialog } from "../storage/mirror-dialog.tsx";
import { texts as storageTexts } from "../storage/texts.ts";
import styles from "./backups-screen.module.css";
import { ListingView } from "./listing-view.tsx";
import { texts } from "./texts.ts";
import { useVerdicts } from "./use-verdicts.ts";

/** What is kept on this computer, to another place. */
function MirrorAll({ listing }: { readonly listing: BackupListing }) {
  const [isOpen, setIsOpen] = useState(false);
  const known = listing.backups.filter(({ id }) => id !== null).map(({ database }) => database);
  if (known.length === 0) return null;
  return (
    <div>
      <Button icon={<CopyPlus aria-hidden />} onClick={() => setIsOpen(true)}>
        {storageTexts.mirrorAll}
      </Button>
      {isOpen ? (
        <MirrorDialog from={null} databases={[...new Set(known)].toSorted()} onClose={() => setIsOpen(false)} />
      ) : null}
    </div>
  );
}

const noArchives: readonly RecentArchive[] = [];

/** Every backup there is, and files opened lately. */
export function BackupsScreen() {
  const { value, error, reload } = useBackups();
  return (
    <Screen title={texts.title}>
      <div className={styles.page}>
        {error === null ? null : <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />}
        {value === null && error === null ? (
          <Skeleton label={texts.loading} lines={[100, 34, 92, 88, 90, 34, 94]} />
        ) : null}
        {value === null ? null : <Listing listing={value} />}
      </div>
    </Screen>
  );
}

function Listing({ listing }: { readonly listing: BackupListing }) {
  const verdicts = useVerdicts();
  const { backups } = listing;
  const opened = useRecentArchives(({ value }) => value ?? noArchives);
  const recents = useMemo(() => {
    const here = new Set(backups.map(({ path }) => path));
    return opened.filter(({ path }) => !here.has(path));
  }, [backups, opened]);

  return (
    <ListingView
      listing={listing}
      verdicts={verdicts}
      empty={recents.length === 0 ? <NothingYet /> : null}
      recents={recents}
    >
      <MirrorAll listing={listing} />
    </ListingView>
  );
}

function NothingYet() {
  return (
    <Card>
      <EmptyState
        icon={<Archive />}
        title={texts.emptyTitle}
        action={
          <>
            <Button variant="primary" onClick={() => navigate({ screen: "home" })}>
              {texts.toHome}
            </Button>
            <OpenDumpButton />
          </>
        }
      >
        {texts.empty}
      </EmptyState>
    </Card>
  );
}
