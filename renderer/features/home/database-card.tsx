import { type Protection, type ProtectionState, stateWords } from "../../../shared/policy/protection.ts";
import { formatDuration, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge, type Tone } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Bytes } from "../../components/bytes.tsx";
import { RelativeTime } from "../../components/relative-time.tsx";
import { Visible } from "../../components/visible.tsx";
import { formatRoute, navigate } from "../shell/router.ts";
import { texts as shellTexts } from "../shell/texts.ts";
import styles from "./database-card.module.css";
import { History } from "./history.tsx";
import { useStartBackup } from "./start-backup.ts";
import { texts } from "./texts.ts";

const tones: Readonly<Record<ProtectionState, Tone>> = {
  safe: "good",
  old: "warn",
  failed: "bad",
  never: "neutral",
  kit: "warn",
};

/** One database: its state, its newest backup, the last two weeks, what can be done now. */
export function DatabaseCard({ database, nowMs }: { readonly database: Protection; readonly nowMs: number }) {
  const { name, newest, state, running, failure, connection, profile } = database;
  const startBackup = useStartBackup();
  const spoken = visibleText(name);

  return (
    <article className={styles.card} aria-label={spoken}>
      <header className={styles.head}>
        <h3 className={styles.name}>
          <Visible text={name} limit={26} />
        </h3>
        {running === null ? (
          <Badge tone={tones[state]}>{stateWords[state]}</Badge>
        ) : (
          <Badge tone="info">{texts.running}</Badge>
        )}
      </header>
      <p className={styles.about}>
        <Visible text={sayAbout(database)} limit={80} />
      </p>
      <History backups={database.backups} nowMs={nowMs} />
      <dl className={styles.facts}>
        <dt>{texts.lastBackup}</dt>
        <dd>{newest === null ? texts.none : <RelativeTime iso={newest.startedAt} />}</dd>
        {failure === null ? null : (
          <>
            <dt>{texts.lastTry}</dt>
            <dd>
              <a href={formatRoute({ screen: "activity", jobId: failure.id })} className={styles.failure}>
                {texts.failed} <RelativeTime iso={failure.createdAt} />
              </a>
            </dd>
          </>
        )}
        {newest === null ? null : (
          <>
            <dt>{texts.holds}</dt>
            <dd>{sayHolds(newest)}</dd>
            <dt>{texts.size}</dt>
            <dd>
              <Bytes bytes={newest.sizeBytes} />
              {newest.elapsedMs === null ? null : (
                <span className={styles.quiet}> · {texts.took(formatDuration(newest.elapsedMs))}</span>
              )}
            </dd>
          </>
        )}
      </dl>
      <footer className={styles.actions}>
        {connection === null ? (
          <span className={styles.quiet}>{texts.noConnection}</span>
        ) : (
          <Button
            size="small"
            disabled={running !== null}
            aria-label={`${texts.backUpNow}: ${spoken}`}
            onClick={() => void startBackup({ connection, database: database.database, name })}
          >
            {texts.backUpNow}
          </Button>
        )}
        {state === "kit" ? (
          <Button size="small" onClick={() => navigate({ screen: "keys" })}>
            {texts.toKit}
          </Button>
        ) : null}
        {newest === null ? null : (
          <Button
            size="small"
            aria-label={texts.lookInsideNamed(spoken)}
            onClick={() => navigate({ screen: "archive", path: newest.path })}
          >
            {texts.lookInside}
          </Button>
        )}
        {newest === null && profile !== null ? (
          <Button size="small" variant="quiet" onClick={() => navigate({ screen: "database", name: profile.name })}>
            {texts.editConnection}
          </Button>
        ) : null}
      </footer>
    </article>
  );
}

/** `prod · db.internal:5432 · PostgreSQL 17.6` */
function sayAbout({ profile, newest, isSample, database, name }: Protection): string {
  if (isSample) return texts.sampleAbout(newest?.server?.version.split(" ")[0] ?? null);
  const first = profile?.hosts[0];
  const host = first ?? newest?.server ?? null;
  return [
    profile === null || profile.environment === "development" ? null : shellTexts.environments[profile.environment],
    database === name ? null : database,
    host === null ? null : sayHost(host),
    newest?.server === null || newest === null ? null : `PostgreSQL ${newest.server.version.split(" ")[0] ?? ""}`,
  ]
    .filter((part) => part !== null)
    .join(" · ");
}

function sayHost({ host, port }: { readonly host: string; readonly port: number }): string {
  return /^[/@]/.test(host) ? texts.socket(port) : `${host}:${port}`;
}

function sayHolds({ tables, rows }: NonNullable<Protection["newest"]>): string {
  if (tables === null) return texts.unknown;
  const counted = formatNumberOf(tables, "table");
  return rows === null ? counted : `${counted}, ${formatNumberOf(rows, "row")}`;
}
