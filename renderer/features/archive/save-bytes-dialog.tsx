import type { ArgsOf } from "../../../shared/contract/methods.ts";
import { useClient } from "../../client/client-context.ts";
import { archiveStoreOf } from "./archive-store.ts";
import { SaveFileDialog } from "./save-file-dialog.tsx";
import { texts } from "./texts.ts";

export type BytesOf = ArgsOf<"archive.saveBytes">["bytesOf"];

export interface SaveBytesDialogProps {
  readonly title: string;
  readonly description: string;
  readonly bytesOf: BytesOf;
  readonly proposed: string;
  onStarted(jobId: string): void;
  onClose(): void;
}

/** Saves the bytes of a large object or of one value as they are. */
export function SaveBytesDialog({ bytesOf, onStarted, ...asked }: SaveBytesDialogProps) {
  const store = archiveStoreOf(useClient());
  return (
    <SaveFileDialog
      {...asked}
      action={texts.saveNow}
      onSave={async (place) => onStarted((await store.ask("archive.saveBytes", { bytesOf, ...place })).jobId)}
    />
  );
}
