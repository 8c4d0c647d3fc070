import type { PreflightFinding } from "../../../shared/contract/preflight.ts";
import type { PreflightView } from "../../../shared/contract/views.ts";
import { formatBytes, formatCount, formatNumberOf } from "../../../shared/text/format.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import { Badge, type Tone, ToneIcon } from "../../components/badge.tsx";
import { Visible } from "../../components/visible.tsx";
import styles from "./preflight-panel.module.css";
import { texts } from "./texts.ts";

const tones = { stop: "bad", warning: "warn", note: "info" } as const satisfies Record<PreflightFinding["level"], Tone>;
const objectsShown = 6;

/** What a look at the database found, worst first, and the tool a backup would be made with. */
export function PreflightPanel({ report }: { readonly report: PreflightView }) {
  const { server, databaseBytes, tables, findings, tool } = report;
  const [version = ""] = server.version.split(" ");
  return (
    <div className={styles.panel}>
      <p className={styles.summary}>
        {texts.preflightSummary(formatNumberOf(tables.length, "table"), formatBytes(databaseBytes), version)}
      </p>
      {findings.every(({ level }) => level === "note") ? (
        <p className={styles.fine}>
          <ToneIcon tone="good" />
          {texts.preflightFine}
        </p>
      ) : null}
      {findings.length === 0 ? null : (
        <ul className={styles.findings}>
          {findings.map((finding) => (
            <Finding key={`${finding.code} ${finding.message}`} finding={finding} />
          ))}
        </ul>
      )}
      <dl className={styles.tool}>
        <dt>{texts.toolTitle}</dt>
        <dd>
          {tool.reason === null ? texts.toolMissing : visibleText(tool.reason)}
          {tool.warnings.map((warning) => (
            <p key={warning} className={styles.warning}>
              <ToneIcon tone="warn" />
              {visibleText(warning)}
            </p>
          ))}
          {tool.error === null ? null : (
            <p className={styles.warning}>
              <ToneIcon tone="bad" />
              <span>
                {visibleText(tool.error.message)} {visibleText(tool.error.hint ?? "")}
              </span>
            </p>
          )}
        </dd>
      </dl>
    </div>
  );
}

function Finding({ finding }: { readonly finding: PreflightFinding }) {
  const { level, message, remedy, objects } = finding;
  const more = objects.length - objectsShown;
  return (
    <li className={styles.finding}>
      <Badge tone={tones[level]}>{texts.levels[level]}</Badge>
      <p className={styles.message}>{visibleText(message)}</p>
      {objects.length === 0 ? null : (
        <ul className={styles.objects}>
          {objects.slice(0, objectsShown).map((object) => (
            <li key={object} className={styles.object}>
              <Visible text={object} limit={48} />
            </li>
          ))}
          {more > 0 ? <li className={styles.more}>{texts.moreObjects(formatCount(more))}</li> : null}
        </ul>
      )}
      {remedy === null ? null : <p className={styles.remedy}>{visibleText(remedy)}</p>}
    </li>
  );
}
