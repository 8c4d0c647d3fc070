import { RefreshCw } from "lucide-react";
import { Fragment } from "react";
import type { DoctorCheck } from "../../../shared/contract/views.ts";
import { visibleText } from "../../../shared/text/visible-text.ts";
import type { Loaded } from "../../client/use-loaded.ts";
import { Badge, ToneIcon } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./settings-screen.module.css";
import { checkStates, texts } from "./texts.ts";

type Doctor = Loaded<readonly DoctorCheck[]>;

/** PostgreSQL's programs by version, with what is to be known about each. */
export function ToolsCard({ doctor }: { readonly doctor: Doctor }) {
  return (
    <Card
      title={texts.tools}
      actions={
        <Button
          size="small"
          variant="quiet"
          icon={<RefreshCw aria-hidden />}
          busy={doctor.isLoading}
          onClick={doctor.reload}
        >
          {texts.lookAgain}
        </Button>
      }
    >
      <Checks doctor={doctor} wanted={({ area }) => area === "tools"} />
    </Card>
  );
}

function isWorthAWord({ area, state }: DoctorCheck): boolean {
  return state !== "works" && area !== "tools" && area !== "keychain" && area !== "folders";
}

/** What else was looked at; only what wants to be known. The keychain and the folders have cards of their own. */
export function ChecksCard({ doctor }: { readonly doctor: Doctor }) {
  return (
    <Card title={texts.checks}>
      {doctor.value?.every((check) => !isWorthAWord(check)) ? (
        <p className={styles.fine}>
          <ToneIcon tone="good" />
          {texts.checksFine}
        </p>
      ) : (
        <Checks doctor={doctor} wanted={isWorthAWord} />
      )}
    </Card>
  );
}

interface ChecksProps {
  readonly doctor: Doctor;
  wanted(check: DoctorCheck): boolean;
}

function Checks({ doctor, wanted }: ChecksProps) {
  if (doctor.value === null) {
    return doctor.error === null ? (
      <Skeleton label={texts.toolsLooking} />
    ) : (
      <ErrorPanel error={doctor.error} actions={<Button onClick={doctor.reload}>{texts.tryAgain}</Button>} />
    );
  }
  const bySubject = Map.groupBy(doctor.value.filter(wanted), ({ subject }) => subject);
  return (
    <ul className={styles.list}>
      {[...bySubject].map(([subject, checks]) => (
        <li key={subject} className={styles.item}>
          <span className={styles.subject}>
            {visibleText(subject)}
            {checks.map(({ state, message }) => (
              <Badge key={message} tone={checkStates[state].tone}>
                {checkStates[state].word}
              </Badge>
            ))}
          </span>
          {checks.map(({ message, remedy }) => (
            <Fragment key={message}>
              <span className={styles.message}>{visibleText(message)}</span>
              {remedy === null ? null : <span className={styles.remedy}>{visibleText(remedy)}</span>}
            </Fragment>
          ))}
        </li>
      ))}
    </ul>
  );
}
