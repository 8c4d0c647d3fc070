import { Plus, X } from "lucide-react";
import { Button } from "../../components/button.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { RadioCards } from "../../components/radio-cards.tsx";
import { TextField } from "../../components/text-field.tsx";
import styles from "./connection-editor.module.css";
import { FieldsCard } from "./fields-card.tsx";
import type { DraftField, HostDraft } from "./profile-draft.ts";
import { faultTexts, texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** Where the server is, which database, and as whom. */
export function ServerCard({ editor }: { readonly editor: ProfileEditor }) {
  const { draft, change, faults } = editor;
  const isSocket = draft.reach === "socket";
  const hosts = isSocket ? draft.hosts.slice(0, 1) : draft.hosts;

  function errorOf(field: DraftField): string | null {
    const fault = faults.get(field);
    return fault === undefined ? null : faultTexts[fault];
  }

  function changeHost(index: number, part: Partial<HostDraft>): void {
    change({ hosts: draft.hosts.map((host, at) => (at === index ? { ...host, ...part } : host)) });
  }

  function changeReach(reach: "host" | "socket"): void {
    const [first = { host: "", port: "5432" }, ...rest] = draft.hosts;
    const isFolder = first.host.startsWith("/") || first.host.startsWith("@");
    // The other way's address makes no sense here; a usual folder is a help.
    const host = reach === "socket" ? (isFolder ? first.host : "/var/run/postgresql") : isFolder ? "" : first.host;
    change({ reach, hosts: [{ ...first, host }, ...rest] });
  }

  return (
    <FieldsCard title={texts.server}>
      <RadioCards
        dense
        label={texts.reach}
        value={draft.reach}
        options={[
          { value: "host", title: texts.reachHost },
          { value: "socket", title: texts.reachSocket },
        ]}
        onChange={changeReach}
      />
      {hosts.map((host, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- a host has no name but its place
        <div key={index} className={styles.hostRow}>
          <TextField
            mono
            label={isSocket ? texts.folder : hosts.length === 1 ? texts.host : texts.nthHost(index + 1)}
            value={host.host}
            onChange={(next) => changeHost(index, { host: next })}
            error={errorOf(`host-${index}`)}
            hint={isSocket ? texts.folderHint : undefined}
          />
          <TextField
            label={hosts.length === 1 ? texts.port : texts.nthPort(index + 1)}
            value={host.port}
            inputMode="numeric"
            onChange={(port) => changeHost(index, { port })}
            error={errorOf(`port-${index}`)}
          />
          {hosts.length === 1 ? null : (
            <IconButton
              label={texts.removeHost(index + 1)}
              onClick={() => change({ hosts: draft.hosts.filter((_, at) => at !== index) })}
            >
              <X aria-hidden />
            </IconButton>
          )}
        </div>
      ))}
      {isSocket ? null : (
        <div className={styles.inline}>
          <Button
            size="small"
            variant="quiet"
            icon={<Plus aria-hidden />}
            onClick={() => change({ hosts: [...draft.hosts, { host: "", port: "5432" }] })}
          >
            {texts.addHost}
          </Button>
          {hosts.length === 1 ? null : <span className={styles.note}>{texts.addHostHint}</span>}
        </div>
      )}
      <div className={styles.pair}>
        <TextField
          mono
          label={texts.database}
          value={draft.database}
          onChange={(database) => change({ database })}
          error={errorOf("database")}
        />
        <TextField
          mono
          label={texts.user}
          value={draft.user}
          onChange={(user) => change({ user })}
          error={errorOf("user")}
          hint={texts.userHint}
        />
      </div>
    </FieldsCard>
  );
}
