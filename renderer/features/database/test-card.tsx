import { Badge } from "../../components/badge.tsx";
import { Button } from "../../components/button.tsx";
import { Card } from "../../components/card.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./connection-editor.module.css";
import { isChanged } from "./profile-draft.ts";
import { Steps } from "./steps.tsx";
import { texts } from "./texts.ts";
import type { ProfileEditor } from "./use-profile-editor.ts";

/** Tries the fields as they stand, saved or not. */
export function TestCard({ editor }: { readonly editor: ProfileEditor }) {
  const { test, work, draft } = editor;
  const isPassed = test?.steps.every(({ state }) => state === "passed") ?? false;
  return (
    <Card
      title={texts.testTitle}
      actions={
        test === null ? null : (
          <Badge tone={isPassed ? "good" : "bad"}>{isPassed ? texts.testPassed : texts.testFailed}</Badge>
        )
      }
    >
      <div className={styles.fields}>
        <div aria-live="polite">
          {work === "testing" ? (
            <Skeleton label={texts.testing} lines={[50, 62, 40, 70, 45, 55]} />
          ) : test === null ? (
            <p className={styles.note}>{texts.testNone}</p>
          ) : (
            <Steps steps={test.steps} />
          )}
        </div>
        {test !== null && isChanged(draft, test.draft) ? <p className={styles.note}>{texts.testOutdated}</p> : null}
        <div>
          <Button busy={work === "testing"} onClick={() => void editor.runTest()}>
            {work === "testing" ? texts.testing : texts.test}
          </Button>
        </div>
      </div>
    </Card>
  );
}
