import { KeyRound } from "lucide-react";
import { useState } from "react";
import type { KeyView } from "../../../shared/contract/storage-views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { EmptyState } from "../../components/empty-state.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { useHello } from "../../stores/hello.ts";
import { useKeys } from "../../stores/keys.ts";
import { useProfiles } from "../../stores/profiles.ts";
import { Screen } from "../shell/screen.tsx";
import styles from "./keys-screen.module.css";
import { KitDialog } from "./kit-dialog.tsx";
import { MakeKeyDialog } from "./make-key-dialog.tsx";
import { isSshKey } from "./ssh-key.ts";
import { TakeKeyForm } from "./take-key-form.tsx";
import { texts } from "./texts.ts";

type Asking =
  | { readonly kind: "make" | "take" }
  | { readonly kind: "kit"; readonly key: KeyView; readonly step: "make" | "try" };

/** The keys that backups are encrypted for, and whether each could be had back. */
export function KeysScreen() {
  const { value: keys, error, reload } = useKeys();
  const hasKeychain = useHello(({ value }) => value?.capabilities.keychain ?? false);
  const [asking, setAsking] = useState<Asking | null>(null);
  const close = () => setAsking(null);
  const actions = (
    <>
      <Button onClick={() => setAsking({ kind: "take" })}>{texts.take}</Button>
      <Button variant="primary" onClick={() => setAsking({ kind: "make" })}>
        {texts.make}
      </Button>
    </>
  );

  return (
    <Screen title={texts.title} actions={keys === null || keys.length === 0 ? undefined : actions}>
      <div className={styles.page}>
        <p className={styles.lead}>{texts.lead}</p>
        {error === null ? null : <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.again}</Button>} />}
        {keys === null ? (
          error === null ? (
            <Skeleton label={texts.loading} lines={[60, 80, 45]} />
          ) : null
        ) : keys.length === 0 ? (
          <Card>
            <EmptyState icon={<KeyRound />} title={texts.emptyTitle} action={actions}>
              {texts.empty}
            </EmptyState>
          </Card>
        ) : (
          keys.map((key) => (
            <KeyCard key={key.recipient} keyView={key} onKit={(step) => setAsking({ kind: "kit", key, step })} />
          ))
        )}
      </div>
      {asking?.kind === "make" ? (
        <MakeKeyDialog onClose={close} onMade={(key) => setAsking({ kind: "kit", key, step: "make" })} />
      ) : null}
      {asking?.kind === "kit" ? <KitDialog keyView={asking.key} step={asking.step} onClose={close} /> : null}
      {asking?.kind === "take" ? (
        <Dialog
          open
          onOpenChange={(isOpen) => !isOpen && close()}
          title={texts.takeTitle}
          description={hasKeychain ? texts.takeText : texts.takeTextMemory}
        >
          <TakeKeyForm
            actions={<Button onClick={close}>{texts.cancel}</Button>}
            onTaken={({ name }) => {
              close();
              notify({ tone: "good", title: texts.taken(visibleText(name)) });
            }}
          />
        </Dialog>
      ) : null}
    </Screen>
  );
}

function KeyCard({ keyView, onKit }: { readonly keyView: KeyView; onKit(step: "make" | "try"): void }) {
  const { name, recipient, createdAt, kitTriedAt, keptIn } = keyView;
  const isSsh = isSshKey(keyView);
  const kit = isSsh ? texts.sshKit : texts.kit;
  const users = useProfiles(({ value }) => value)?.filter(({ places }) => places.recipients.includes(recipient)) ?? [];
  return (
    <Card
      title={<Visible text={name} limit={40} />}
      actions={
        kitTriedAt === null ? (
          <Badge tone="warn">{`${kit}: ${texts.kitNotTried.toLowerCase()}`}</Badge>
        ) : (
          <Badge tone="good">{`${kit}: ${texts.kitTried.toLowerCase()}`}</Badge>
        )
      }
    >
      <div className={styles.fields}>
        {kitTriedAt === null ? <p>{isSsh ? texts.sshWhy : texts.kitWhy}</p> : null}
        <dl className={styles.facts}>
          <dt>{texts.secretHalf}</dt>
          <dd>{texts.keptIn[keptIn ?? "nowhere"]}</dd>
          <dt>{texts.recipient}</dt>
          <dd>
            <Visible text={recipient} limit={44} className={styles.mono} />
            <CopyButton text={recipient} />
          </dd>
          <dt>{texts.made}</dt>
          <dd>
            <RelativeTime iso={createdAt} />
            {users.length === 0 ? null : <span className={styles.note}> · {texts.usedBy(users.length)}</span>}
          </dd>
          {kitTriedAt === null ? null : (
            <>
              <dt>{kit}</dt>
              <dd>
                {texts.kitTried} <RelativeTime iso={kitTriedAt} />
              </dd>
            </>
          )}
        </dl>
        <div className={styles.foot}>
          {keptIn === null || isSsh ? null : (
            <Button variant={kitTriedAt === null ? "primary" : "secondary"} onClick={() => onKit("make")}>
              {kitTriedAt === null ? texts.makeKit : texts.makeKitAgain}
            </Button>
          )}
          <Button onClick={() => onKit("try")}>{isSsh ? texts.sshTry : texts.tryKit}</Button>
        </div>
      </div>
    </Card>
  );
}
