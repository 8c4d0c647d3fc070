import { X } from "lucide-react";
import type { ArgsOf } from "../../../shared/contract/methods.ts";
import type { Capabilities, DoctorCheck, Settings } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { IconButton } from "../../components/icon-button.tsx";
import { usePickFolder } from "../../components/pick-path.ts";
import { notifyError } from "../../components/toasts.tsx";
import { useBackups } from "../../stores/backups.ts";
import { useSettings } from "../../stores/settings.ts";
import { navigate } from "../shell/router.ts";
import styles from "./settings-screen.module.css";
import { texts } from "./texts.ts";

export interface FoldersCardProps {
  readonly settings: Settings;
  readonly capabilities: Capabilities;
  /** null while they are looked for. */
  readonly checks: readonly DoctorCheck[] | null;
}

function attempt(work: Promise<unknown>): void {
  work.catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
}

/** Where backups go, and where PostgreSQL's programs are looked for beside the usual places. */
export function FoldersCard({ settings, capabilities, checks }: FoldersCardProps) {
  const client = useClient();
  const pickFolder = usePickFolder();
  const change = useSettings((state) => state.change);
  const location = useBackups(({ value }) => value?.location) ?? settings.backupsFolder;
  const troubles = checks?.filter(({ area, state }) => area === "folders" && state !== "works") ?? [];

  async function pick(part: (path: string) => ArgsOf<"settings.set">): Promise<void> {
    const path = await pickFolder();
    if (path !== null) await change(part(path));
  }

  return (
    <Card title={texts.folders}>
      <div className={styles.rows}>
        <div>
          <div className={styles.row}>
            <div>
              <h3 className={styles.label}>{texts.backupsFolder}</h3>
              <bdi className={styles.path}>{visibleText(location ?? texts.ownFolder)}</bdi>
            </div>
            <Button size="small" onClick={() => attempt(pick((backupsFolder) => ({ backupsFolder })))}>
              {texts.choose}
            </Button>
          </div>
          <p className={styles.note}>{texts.backupsFolderNote}</p>
          {troubles.map(({ subject, message, remedy }) => (
            <p key={subject} className={styles.remedy}>
              {visibleText(`${message} ${remedy ?? ""}`)}
            </p>
          ))}
          <div className={`${styles.buttons} ${styles.after}`}>
            {settings.backupsFolder === null ? null : (
              <Button size="small" variant="quiet" onClick={() => attempt(change({ backupsFolder: null }))}>
                {texts.ownInstead}
              </Button>
            )}
            <Button size="small" variant="quiet" onClick={() => navigate({ screen: "backups" })}>
              {texts.backupsHere}
            </Button>
            {capabilities.revealInFolder && location !== null ? (
              <Button
                size="small"
                variant="quiet"
                onClick={() => attempt(client.invoke("shell.reveal", { path: location }))}
              >
                {texts.reveal}
              </Button>
            ) : null}
          </div>
        </div>
        <div>
          <h3 className={styles.label}>{texts.toolFolders}</h3>
          <p className={styles.note}>
            {capabilities.choosesToolFolders ? texts.toolFoldersNote : texts.toolFoldersBrowser}
          </p>
          <ul className={styles.after}>
            {settings.toolFolders.length === 0 ? <li className={styles.note}>{texts.noToolFolders}</li> : null}
            {settings.toolFolders.map((folder) => (
              <li key={folder} className={styles.folder}>
                <bdi className={styles.path}>{visibleText(folder)}</bdi>
                {capabilities.choosesToolFolders ? (
                  <IconButton
                    label={texts.removeFolder(visibleText(folder))}
                    onClick={() =>
                      attempt(change({ toolFolders: settings.toolFolders.filter((each) => each !== folder) }))
                    }
                  >
                    <X aria-hidden />
                  </IconButton>
                ) : null}
              </li>
            ))}
          </ul>
          {capabilities.choosesToolFolders ? (
            <Button
              size="small"
              className={styles.after}
              onClick={() => attempt(pick((path) => ({ toolFolders: [...settings.toolFolders, path] })))}
            >
              {texts.addFolder}
            </Button>
          ) : null}
        </div>
      </div>
    </Card>
  );
}
