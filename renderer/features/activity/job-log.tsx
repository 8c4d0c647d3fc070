import { ArrowDownToLine } from "lucide-react";
import { useLayoutEffect, useRef, useState } from "react";
import { visibleLines } from "../../../shared/text/visible-text.ts";
import { Button } from "../../components/button.tsx";
import { CopyButton } from "../../components/copy-button.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import styles from "./job-detail.module.css";
import { texts } from "./texts.ts";
import { useJobLog } from "./use-job-log.ts";

/** The job's log. It follows a running job as long as its end is in view. */
export function JobLog({ jobId, isLive }: { readonly jobId: string; readonly isLive: boolean }) {
  const { text, error, isCut } = useJobLog(jobId, isLive);
  const scroller = useRef<HTMLPreElement>(null);
  const [isAtEnd, setIsAtEnd] = useState(true);

  useLayoutEffect(() => {
    if (text !== null && isAtEnd && scroller.current !== null) {
      scroller.current.scrollTop = scroller.current.scrollHeight;
    }
  }, [text, isAtEnd]);

  return (
    <section className={styles.log}>
      <div className={styles.logHead}>
        <h3 className={styles.caption}>{texts.log}</h3>
        {isAtEnd ? null : (
          <Button size="small" variant="quiet" icon={<ArrowDownToLine aria-hidden />} onClick={() => setIsAtEnd(true)}>
            {texts.logNewest}
          </Button>
        )}
        {text === null || text === "" ? null : <CopyButton text={text} label={texts.copyLog} />}
      </div>
      {error === null ? null : <ErrorPanel error={error} />}
      {text === null ? (
        error === null && <Skeleton label={texts.logLoading} />
      ) : (
        <pre
          ref={scroller}
          className={styles.logText}
          // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
          tabIndex={0}
          role="region"
          aria-label={texts.log}
          onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) =>
            setIsAtEnd(scrollHeight - scrollTop - clientHeight < 24)
          }
        >
          {isCut ? `${texts.logCut}\n` : null}
          {text === "" ? texts.logEmpty : visibleLines(text)}
        </pre>
      )}
    </section>
  );
}
