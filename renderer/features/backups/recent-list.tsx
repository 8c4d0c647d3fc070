import { X } from "lucide-react";
import type { RecentArchive } from "../../../shared/contract/views.ts";
import { toErrorValue } from "../../../shared/error/app-error.ts";
import type { Verdict } from "../../../shared/policy/verdicts.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { Card } from "../../components/card.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { notifyError } from "../../components/toasts.tsx";
import { Visible } from "../../components/visible.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
import styles from "./backup-group.module.css";
import { BackupMenu } from "./backup-menu.tsx";
import { texts } from "./texts.ts";
import { VerdictBadge } from "./verdict-badge.tsx";

export interface RecentListProps {
  readonly archives: readonly RecentArchive[];
  readonly verdicts: ReadonlyMap<string, Verdict>;
}

/** Files outside of the backups folder that were opened in this window. */
export function RecentList({ archives, verdicts }: RecentListProps) {
  const client = useClient();
  if (archives.length === 0) return null;

  function forget(archive: string): void {
    client.invoke("archives.forget", { archive }).catch((thrown: unknown) => notifyError(toErrorValue(thrown)));
  }

  return (
    <Card flush title={texts.openedLately} actions={<span>{texts.openedLatelyText}</span>}>
      <table className={styles.table} aria-label={texts.openedLately}>
        <tbody>
          {archives.map(({ path, database, sizeBytes, openedAt }) => (
            <tr key={path}>
              <th scope="row" className={styles.file}>
                <a href={formatRoute({ screen: "archive", path })}>
                  <Visible text={path} limit={62} />
                </a>
              </th>
              <td className={styles.wide}>
                {database === null ? texts.unnamed : <Visible text={database} limit={24} />}
              </td>
              <td className={styles.number}>
                <Bytes bytes={sizeBytes} />
              </td>
              <td className={styles.openedAt}>
                <RelativeTime iso={openedAt} className={styles.ago} />
              </td>
              <td className={styles.badges}>
                <VerdictBadge verdict={verdicts.get(path) ?? null} backup={null} isShort />
              </td>
              <td className={styles.actions}>
                <Button size="small" onClick={() => navigate({ screen: "archive", path })}>
                  {texts.lookInside}
                </Button>
                <BackupMenu
                  path={path}
                  name={visibleText(path)}
                  isReadable
                  hasManifest={false}
                  further={[{ label: texts.forget, icon: <X aria-hidden />, run: () => forget(path) }]}
                />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Card>
  );
}
