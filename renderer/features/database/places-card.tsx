import { useState } from "react";
import type { KeyView } from "../../../shared/contract/storage-views.ts";
import type { ProfileView } from "../../../shared/contract/views.ts";
import type { BackupPlaces } from "../../../shared/profile/profile.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Checkbox } from "../../components/checkbox.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { Select } from "../../components/select.tsx";
import { notify } from "../../components/toasts.tsx";
import { useWork } from "../../components/use-work.ts";
import { Visible } from "../../components/visible.tsx";
import { useKeys } from "../../stores/keys.ts";
import { useStorages } from "../../stores/storages.ts";
import { KitDialog } from "../keys/kit-dialog.tsx";
import { MakeKeyDialog } from "../keys/make-key-dialog.tsx";
import { formatRoute } from "../shell/router.ts";
import styles from "./saved-database.module.css";
import { texts } from "./texts.ts";

const PLAIN = "";
const NEW = "new";

/** Where a database's backups go and for whom they are encrypted, until it is said otherwise. */
export function PlacesCard({ profile }: { readonly profile: ProfileView }) {
  const client = useClient();
  const pick = usePickFolder();
  const storages = useStorages(({ value }) => value) ?? [];
  const known = useKeys(({ value }) => value);
  const keys = known ?? [];
  const [draft, setDraft] = useState<BackupPlaces | null>(null);
  const [asking, setAsking] = useState<"key" | KeyView | null>(null);
  const { isBusy, error, run } = useWork();
  const places = draft ?? profile.places;
  const change = (part: Partial<BackupPlaces>) => setDraft({ ...places, ...part });
  const [recipient] = places.recipients;
  const key = keys.find((each) => each.recipient === recipient) ?? null;

  async function save(): Promise<void> {
    await run(async () => {
      const { folder, storages: chosen, recipients } = places;
      await client.invoke("profiles.setPlaces", {
        name: profile.name,
        places: { folder, storages: [...chosen], recipients: [...recipients] },
      });
      setDraft(null);
      notify({ tone: "good", title: texts.placesSaved });
    });
  }

  return (
    <Card title={texts.places}>
      <div className={styles.fields}>
        <div className={styles.place}>
          <span className={styles.placeName}>
            {places.folder === null ? texts.usualFolder : <Visible text={places.folder} limit={40} />}
          </span>
          <Button size="small" onClick={() => void pick().then((folder) => folder !== null && change({ folder }))}>
            {texts.otherFolder}
          </Button>
          {places.folder === null ? null : (
            <Button size="small" variant="quiet" onClick={() => change({ folder: null })}>
              {texts.toUsualFolder}
            </Button>
          )}
        </div>
        {storages.map(({ name, address }) => (
          <Checkbox
            key={name}
            label={visibleText(name)}
            description={visibleText(address)}
            checked={places.storages.includes(name)}
            onChange={(isChosen) =>
              change({
                storages: isChosen ? [...places.storages, name] : places.storages.filter((each) => each !== name),
              })
            }
          />
        ))}
        <a href={formatRoute({ screen: "storage", name: null })}>{texts.addStorage}</a>
        <Select
          label={texts.encrypt}
          value={recipient ?? PLAIN}
          options={[
            { value: PLAIN, label: texts.encryptNot },
            ...keys.map((each) => ({ value: each.recipient, label: texts.encryptFor(visibleText(each.name)) })),
            ...(recipient === undefined || key !== null ? [] : [{ value: recipient, label: texts.encryptForeign }]),
            { value: NEW, label: texts.encryptNew },
          ]}
          onChange={(value) => {
            if (value === NEW) setAsking("key");
            else change({ recipients: value === PLAIN ? [] : [value] });
          }}
        />
        {key !== null && key.kitTriedAt === null ? (
          <>
            <p className={styles.said}>
              <ToneIcon tone="warn" />
              {texts.kitMissing}
            </p>
            <div>
              <Button onClick={() => setAsking(key)}>{texts.makeKit}</Button>
            </div>
          </>
        ) : null}
        {recipient !== undefined && known !== null && key === null ? (
          <p className={styles.said}>
            <ToneIcon tone="warn" />
            <span>
              {texts.keyForeign} <a href={formatRoute({ screen: "keys" })}>{texts.toKeys}</a>
            </span>
          </p>
        ) : null}
        {error === null ? null : <ErrorPanel error={error} />}
        {draft === null ? null : (
          <div className={styles.place}>
            <Button variant="primary" busy={isBusy} onClick={() => void save()}>
              {texts.savePlaces}
            </Button>
            <Button variant="quiet" onClick={() => setDraft(null)}>
              {texts.discard}
            </Button>
          </div>
        )}
      </div>
      {asking === "key" ? (
        <MakeKeyDialog
          suggestion={profile.name}
          onClose={() => setAsking(null)}
          onMade={(made) => {
            change({ recipients: [made.recipient] });
            setAsking(made);
          }}
        />
      ) : null}
      {asking === null || asking === "key" ? null : (
        <KitDialog keyView={asking} step="make" onClose={() => setAsking(null)} />
      )}
    </Card>
  );
}
