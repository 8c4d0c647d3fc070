import type { Capabilities } from "../../../shared/contract/views.ts";
import { findPreset, storagePresets } from "../../../shared/storage/presets.ts";
import { isArchiveClass, storageClasses } from "../../../shared/storage/storage-classes.ts";
import { ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { HostKeyDialog } from "../../components/host-key-dialog.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { RadioCards } from "../../components/radio-cards.tsx";
import { RadioTiles } from "../../components/radio-tiles.tsx";
import { Select } from "../../components/select.tsx";
import { TextField, type TextFieldProps } from "../../components/text-field.tsx";
import {
  choose,
  folderChoice,
  isBucket,
  otherS3,
  questionsOf,
  type StorageDraft,
  type StorageField,
  sftpChoice,
} from "./storage-draft.ts";
import styles from "./storage-screen.module.css";
import { texts } from "./texts.ts";
import type { StorageEditor } from "./use-storage-editor.ts";

export interface StorageFormProps {
  readonly editor: StorageEditor;
  readonly capabilities: Capabilities;
  readonly isNew: boolean;
}

const choices = [
  ...storagePresets.map(({ id, title }) => ({ value: id, title })),
  { value: otherS3, title: texts.otherS3 },
  { value: folderChoice, title: texts.folder },
  { value: sftpChoice, title: texts.sftp },
];

/** The fields of a storage: what it is first, then what that kind needs. */
export function StorageForm({ editor, capabilities, isNew }: StorageFormProps) {
  const { draft, change } = editor;
  return (
    <>
      {isNew ? (
        <Card title={texts.kind}>
          <RadioTiles
            label={texts.kind}
            value={draft.choice}
            options={choices}
            onChange={(choice) => change(choose(draft, choice))}
          />
        </Card>
      ) : null}
      <Card title={texts.place}>
        <div className={styles.fields}>
          {isBucket(draft) ? <BucketFields editor={editor} /> : null}
          {draft.choice === folderChoice ? <FolderField editor={editor} /> : null}
          {draft.choice === sftpChoice ? <SftpFields editor={editor} /> : null}
          {isNew ? <Field editor={editor} field="name" label={texts.name} hint={texts.nameHint} /> : null}
        </div>
      </Card>
      {isBucket(draft) ? <KeyCard editor={editor} capabilities={capabilities} isNew={isNew} /> : null}
      {draft.choice === sftpChoice ? <SftpKeyCard editor={editor} capabilities={capabilities} isNew={isNew} /> : null}
      {draft.choice === folderChoice ? null : <FurtherCard editor={editor} />}
      <HostKeyDialog
        hostKey={editor.hostKey}
        isBusy={editor.isTrusting}
        onTrust={() => void editor.trustHostKey()}
        onLeave={editor.leaveHostKey}
      />
    </>
  );
}

type TextKey = { [K in StorageField]: StorageDraft[K] extends string ? K : never }[StorageField];

interface FieldProps extends Omit<TextFieldProps, "value" | "onChange" | "error"> {
  readonly editor: StorageEditor;
  readonly field: TextKey;
}

function Field({ editor, field, ...rest }: FieldProps) {
  const fault = editor.faults.get(field);
  return (
    <TextField
      {...rest}
      value={editor.draft[field]}
      onChange={(text) => editor.change({ [field]: text })}
      error={fault === undefined ? null : texts.faults[fault]}
    />
  );
}

function BucketFields({ editor }: { readonly editor: StorageEditor }) {
  const { draft } = editor;
  const preset = findPreset(draft.choice);
  const asked = questionsOf(draft);
  return (
    <>
      <div className={styles.pair}>
        <Field mono editor={editor} field="bucket" label={texts.bucket} hint={texts.bucketHint} />
        <Field mono editor={editor} field="prefix" label={texts.prefix} hint={texts.prefixHint} />
      </div>
      {asked.includes("endpoint") ? (
        <Field mono editor={editor} field="endpoint" label={texts.endpoint} placeholder="https://s3.example.org" />
      ) : null}
      <div className={styles.pair}>
        {asked.includes("region") ? (
          <Field
            mono
            editor={editor}
            field="region"
            label={texts.region}
            hint={preset?.regionExample ? texts.regionHint(preset.regionExample) : undefined}
          />
        ) : null}
        {asked.includes("account") ? <Field mono editor={editor} field="account" label={texts.account} /> : null}
      </div>
      {preset === null ? null : (
        <div className={styles.notes}>
          {preset.hints.map((hint) => (
            <p key={hint} className={styles.said}>
              <ToneIcon tone="info" />
              {hint}
            </p>
          ))}
        </div>
      )}
    </>
  );
}

function FolderField({ editor }: { readonly editor: StorageEditor }) {
  const pick = usePickFolder();
  return (
    <div className={styles.row}>
      <Field mono editor={editor} field="path" label={texts.folderPath} hint={texts.folderHint} />
      <Button onClick={() => void pick().then((path) => path !== null && editor.change({ path }))}>
        {texts.chooseFolder}
      </Button>
    </div>
  );
}

function SftpFields({ editor }: { readonly editor: StorageEditor }) {
  return (
    <>
      <div className={styles.pair}>
        <Field mono editor={editor} field="host" label={texts.host} />
        <Field mono editor={editor} field="port" label={texts.port} inputMode="numeric" />
      </div>
      <div className={styles.pair}>
        <Field mono editor={editor} field="user" label={texts.user} />
        <Field mono editor={editor} field="path" label={texts.sftpPath} />
      </div>
    </>
  );
}

function SftpKeyCard({ editor, capabilities, isNew }: StorageFormProps) {
  const { draft, change } = editor;
  return (
    <Card title={texts.sftpLogin}>
      <div className={styles.fields}>
        <RadioCards
          dense
          label={texts.sftpLogin}
          value={draft.authentication}
          options={(["agent", "key", "password"] as const).map((value) => ({
            value,
            title: texts.sftpLogins[value],
          }))}
          onChange={(authentication) => change({ authentication })}
        />
        {draft.authentication === "key" ? (
          <Field mono editor={editor} field="keyFile" label={texts.keyFile} placeholder="~/.ssh/id_ed25519" />
        ) : null}
        {draft.authentication === "agent" ? null : (
          <Field
            mono
            type="password"
            autoComplete="off"
            editor={editor}
            field="secret"
            label={draft.authentication === "key" ? texts.keyPassphrase : texts.password}
            hint={isNew ? undefined : texts.secretStays}
          />
        )}
        {capabilities.keychain || draft.authentication === "agent" ? null : (
          <p className={styles.said}>
            <ToneIcon tone="warn" />
            {texts.secretMemory(capabilities.keychainReason ?? "")}
          </p>
        )}
      </div>
    </Card>
  );
}

function KeyCard({ editor, capabilities, isNew }: StorageFormProps) {
  const { draft, change } = editor;
  const isAws = draft.choice === "aws" || draft.choice === otherS3;
  return (
    <Card title={texts.key}>
      <div className={styles.fields}>
        {isAws ? (
          <RadioCards
            dense
            label={texts.keyFrom}
            value={draft.keyFrom}
            options={[
              { value: "keychain", title: texts.keyTyped, description: texts.keyTypedText },
              { value: "chain", title: texts.keyChain, description: texts.keyChainText },
            ]}
            onChange={(keyFrom) => change({ keyFrom })}
          />
        ) : null}
        {draft.keyFrom === "keychain" ? (
          <>
            <div className={styles.pair}>
              <Field mono editor={editor} field="accessKeyId" label={texts.accessKeyId} />
              <Field
                mono
                type="password"
                autoComplete="off"
                editor={editor}
                field="secret"
                label={texts.secret}
                hint={isNew ? undefined : texts.secretStays}
              />
            </div>
            {capabilities.keychain ? null : (
              <p className={styles.said}>
                <ToneIcon tone="warn" />
                {texts.secretMemory(capabilities.keychainReason ?? "")}
              </p>
            )}
          </>
        ) : (
          <Field mono editor={editor} field="awsProfile" label={texts.awsProfile} hint={texts.awsProfileHint} />
        )}
      </div>
    </Card>
  );
}

function FurtherCard({ editor }: { readonly editor: StorageEditor }) {
  const { draft } = editor;
  const isUsual =
    draft.caFile === "" && draft.lockDays === "" && draft.storageClass === "bucket" && draft.encryption === "bucket";
  return (
    <details className={styles.more} open={isUsual && draft.rate === "" ? undefined : true}>
      <summary>{texts.further}</summary>
      <Card>
        <div className={styles.fields}>
          {isBucket(draft) ? <BucketFurther editor={editor} /> : null}
          <Field mono editor={editor} field="rate" label={texts.rate} hint={texts.rateHint} />
        </div>
      </Card>
    </details>
  );
}

function BucketFurther({ editor }: { readonly editor: StorageEditor }) {
  const { draft, change } = editor;
  return (
    <>
      <div className={styles.pair}>
        <Select
          label={texts.storageClass}
          value={draft.storageClass}
          options={(["bucket", ...storageClasses] as const).map((value) => ({
            value,
            label: value === "bucket" ? texts.asBucket : value,
            description: texts.storageClasses[value],
          }))}
          onChange={(storageClass) => change({ storageClass })}
          hint={isArchiveClass(draft.storageClass) ? texts.archiveClassHint : texts.storageClassHint}
        />
        <Select
          label={texts.encryption}
          value={draft.encryption}
          options={(["bucket", "AES256", "aws:kms"] as const).map((value) => ({
            value,
            label: value === "bucket" ? texts.asBucket : texts.encryptions[value],
          }))}
          onChange={(encryption) => change({ encryption })}
          hint={texts.encryptionHint}
        />
      </div>
      {draft.encryption === "aws:kms" ? (
        <Field mono editor={editor} field="encryptionKey" label={texts.encryptionKey} hint={texts.encryptionKeyHint} />
      ) : null}
      <div className={styles.pair}>
        <Field editor={editor} field="lockDays" label={texts.lockDays} inputMode="numeric" hint={texts.lockDaysHint} />
        {draft.lockDays.trim() === "" ? null : (
          <Select
            label={texts.lockMode}
            value={draft.lockMode}
            options={(["GOVERNANCE", "COMPLIANCE"] as const).map((value) => ({
              value,
              label: texts.lockModes[value],
            }))}
            onChange={(lockMode) => change({ lockMode })}
          />
        )}
      </div>
      <Field mono editor={editor} field="caFile" label={texts.caFile} hint={texts.caFileHint} />
      <div className={styles.pair}>
        <Select
          label={texts.style}
          value={draft.style}
          options={(["auto", "path", "virtual"] as const).map((value) => ({ value, label: texts.styles[value] }))}
          onChange={(style) => change({ style })}
        />
        <Select
          label={texts.checksums}
          value={draft.checksums}
          options={(["auto", "whenRequired", "whenSupported"] as const).map((value) => ({
            value,
            label: texts.checksumsOf[value],
          }))}
          onChange={(checksums) => change({ checksums })}
        />
      </div>
    </>
  );
}
