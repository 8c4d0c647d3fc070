import { FolderSearch } from "lucide-react";
import { useId, useState } from "react";
import type { KeyView, SavedKit } from "../../../shared/contract/storage-views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { TextField } from "../../components/text-field.tsx";
import { useWork } from "../../components/use-work.ts";
import { Visible } from "../../components/visible.tsx";
import { useHello } from "../../stores/hello.ts";
import styles from "./keys-screen.module.css";
import { type ChosenKit, KitFile } from "./kit-file.tsx";
import { isSshKey, needsNoPassphrase } from "./ssh-key.ts";
import { texts } from "./texts.ts";

export interface KitDialogProps {
  readonly keyView: KeyView;
  /** Which of the two to begin with. */
  readonly step: "make" | "try";
  onClose(): void;
}

/** The recovery kit of a key: made first, then tried once, as on a machine that has nothing else. */
export function KitDialog({ keyView, step: first, onClose }: KitDialogProps) {
  // Of an SSH key there is none to make: its private key's file is one.
  const [step, setStep] = useState(isSshKey(keyView) ? "try" : first);
  return step === "make" ? (
    <MakeKit keyView={keyView} onClose={onClose} onNext={() => setStep("try")} />
  ) : (
    <TryKit keyView={keyView} onClose={onClose} />
  );
}

interface MakeKitProps {
  readonly keyView: KeyView;
  onClose(): void;
  onNext(): void;
}

const leastPassphrase = 10;

function MakeKit({ keyView, onClose, onNext }: MakeKitProps) {
  const client = useClient();
  const pick = usePickFolder();
  const formId = useId();
  const [passphrase, setPassphrase] = useState("");
  const [again, setAgain] = useState("");
  const [folder, setFolder] = useState("");
  const { isBusy, error, run } = useWork();
  const [made, setMade] = useState<SavedKit | null>(null);
  const differs = again !== "" && again !== passphrase;
  const isReady = passphrase.length >= leastPassphrase && again === passphrase && folder.trim() !== "";

  async function write(): Promise<void> {
    if (!isReady) return;
    await run(async () => {
      const { recipient } = keyView;
      setMade(await client.invoke("keys.saveKit", { recipient, passphrase, folder: folder.trim() }));
      setPassphrase("");
      setAgain("");
    });
  }

  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={texts.kitTitle(visibleText(keyView.name))}
      description={made === null ? texts.kitText : texts.written}
      footer={
        made === null ? (
          <>
            <Button onClick={onClose}>{texts.cancel}</Button>
            <Button variant="primary" type="submit" form={formId} disabled={!isReady} busy={isBusy}>
              {texts.writeKit}
            </Button>
          </>
        ) : (
          <>
            <Button onClick={onClose}>{texts.later}</Button>
            <Button variant="primary" onClick={onNext}>
              {texts.goOn}
            </Button>
          </>
        )
      }
    >
      {made === null ? (
        <form
          id={formId}
          className={styles.fields}
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void write();
          }}
        >
          <TextField
            type="password"
            label={texts.passphrase}
            value={passphrase}
            onChange={setPassphrase}
            hint={texts.passphraseHint}
          />
          <TextField
            type="password"
            label={texts.passphraseAgain}
            value={again}
            onChange={setAgain}
            error={differs ? texts.passphraseDiffers : null}
          />
          <div className={styles.row}>
            <TextField mono label={texts.folder} value={folder} onChange={setFolder} hint={texts.folderHint} />
            <Button onClick={() => void pick().then((path) => path !== null && setFolder(path))}>
              {texts.chooseFolder}
            </Button>
          </div>
          {error === null ? null : <ErrorPanel error={error} />}
        </form>
      ) : (
        <div className={styles.fields}>
          <KitPath label={texts.textFile} path={made.text} />
          <KitPath label={texts.page} path={made.page} />
          <p className={styles.said}>
            <ToneIcon tone="info" />
            {texts.printHint}
          </p>
        </div>
      )}
    </Dialog>
  );
}

function KitPath({ label, path }: { readonly label: string; readonly path: string }) {
  const client = useClient();
  const canReveal = useHello(({ value }) => value?.capabilities.revealInFolder ?? false);
  return (
    <div className={styles.kitPath}>
      <span className={styles.term}>{label}</span>
      <Visible text={path} limit={54} className={styles.mono} />
      <CopyButton text={path} />
      {canReveal ? (
        <Button
          size="small"
          icon={<FolderSearch aria-hidden />}
          onClick={() => void client.invoke("shell.reveal", { path }).catch(() => null)}
        >
          {texts.reveal}
        </Button>
      ) : null}
    </div>
  );
}

function TryKit({ keyView, onClose }: { readonly keyView: KeyView; onClose(): void }) {
  const client = useClient();
  const formId = useId();
  const [kit, setKit] = useState<ChosenKit | null>(null);
  const [passphrase, setPassphrase] = useState("");
  const { isBusy, error, run } = useWork();
  const [tried, setTried] = useState<KeyView | null>(null);
  const isSsh = isSshKey(keyView);
  const isReady = kit !== null && (passphrase !== "" || needsNoPassphrase(kit.text));

  async function tryIt(): Promise<void> {
    if (kit === null || !isReady) return;
    await run(async () =>
      setTried(await client.invoke("keys.tryKit", { kit: { from: "text", text: kit.text }, passphrase })),
    );
    setPassphrase("");
  }

  if (tried !== null)
    return (
      <Dialog
        open
        size="small"
        onOpenChange={(isOpen) => !isOpen && onClose()}
        title={isSsh ? texts.sshTriedTitle : texts.triedTitle}
        footer={
          <Button variant="primary" onClick={onClose}>
            {texts.close}
          </Button>
        }
      >
        <p className={styles.said}>
          <ToneIcon tone="good" />
          {texts.tried(visibleText(tried.name))}
        </p>
      </Dialog>
    );
  return (
    <Dialog
      open
      onOpenChange={(isOpen) => !isOpen && onClose()}
      title={`${isSsh ? texts.sshTryTitle : texts.tryTitle}: ${visibleText(keyView.name)}`}
      description={isSsh ? texts.sshTryText : texts.tryText}
      footer={
        <>
          <Button onClick={onClose}>{texts.later}</Button>
          <Button variant="primary" type="submit" form={formId} disabled={!isReady} busy={isBusy}>
            {texts.tryNow}
          </Button>
        </>
      }
    >
      <form
        id={formId}
        className={styles.fields}
        onSubmit={(event) => {
          event.preventDefault();
          void tryIt();
        }}
      >
        <KitFile kit={kit} onChoose={setKit} choose={isSsh ? texts.chooseSshKey : texts.chooseKit} />
        <TextField
          type="password"
          label={texts.passphrase}
          value={passphrase}
          onChange={setPassphrase}
          hint={isSsh ? texts.sshPassphraseHint : undefined}
        />
        {error === null ? null : <ErrorPanel error={error} />}
      </form>
    </Dialog>
  );
}
