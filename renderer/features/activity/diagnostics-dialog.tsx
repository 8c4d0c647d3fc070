import { visibleLines } from "../../../shared/text/visible-text.ts";
import { useClient } from "../../client/client-context.ts";
import { useLoaded } from "../../client/use-loaded.ts";
import { Button } from "../../components/button.tsx";
import { Dialog } from "../../components/dialog.tsx";
import { ErrorPanel } from "../../components/error-panel.tsx";
import { Skeleton } from "../../components/skeleton.tsx";
import { notify } from "../../components/toasts.tsx";
import styles from "./job-detail.module.css";
import { texts } from "./texts.ts";

/** Shows what would be copied before anything is. */
export function DiagnosticsDialog({ jobId, onClose }: { readonly jobId: string; onClose(): void }) {
  const client = useClient();
  const { value, error, reload } = useLoaded(jobId, () => client.invoke("jobs.diagnostics", { id: jobId }));

  async function copy(text: string): Promise<void> {
    await navigator.clipboard.writeText(text);
    notify({ tone: "good", title: texts.copied });
    onClose();
  }

  return (
    <Dialog
      open
      size="large"
      title={texts.diagnosticsTitle}
      description={texts.diagnosticsText}
      onOpenChange={(open) => {
        if (!open) onClose();
      }}
      footer={
        <>
          <Button onClick={onClose}>{texts.close}</Button>
          <Button
            variant="primary"
            disabled={value === null}
            onClick={() => {
              if (value !== null) void copy(value.text);
            }}
          >
            {texts.diagnosticsCopy}
          </Button>
        </>
      }
    >
      {error === null ? null : (
        <ErrorPanel error={error} actions={<Button onClick={reload}>{texts.tryAgain}</Button>} />
      )}
      {value === null ? (
        error === null && <Skeleton label={texts.diagnosticsLoading} lines={[80, 60, 72, 40]} />
      ) : (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- what scrolls has to be reached by keyboard
        <pre className={styles.preview} tabIndex={0} role="region" aria-label={texts.diagnosticsTitle}>
          {visibleLines(value.text)}
        </pre>
      )}
    </Dialog>
  );
}
