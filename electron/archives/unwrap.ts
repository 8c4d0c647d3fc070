import { AppError } from "../../shared/error/app-error.ts";
import { type Codec, decompress } from "./decompress.ts";
import type { ArchiveSource } from "./open-source.ts";
import { readRange } from "./read-range.ts";
import { openUnpacked } from "./unpacked-file.ts";

/**
 * The bytes in a compressed file, unpacked once.
 * @param wrapped which is closed here
 * @throws archive.limitExceeded, archive.truncated, archive.damaged, archive.unsupportedFormat for an encrypted file, whose
 *   plain bytes are not to lie on a disk, storage.*
 */
export async function unwrapSource(wrapped: ArchiveSource, codec: Codec): Promise<ArchiveSource> {
  if (wrapped.isEncrypted && wrapped.isUnpacked !== true)
    throw new AppError("archive.unsupportedFormat", `The file is encrypted, and compressed with ${codec} inside.`, {
      hint: "Decrypt it with age first, then open what comes out.",
    });
  const source = await openUnpacked(wrapped.sizeBytes, async (write) => {
    const parts = readRange(wrapped, { start: 0, end: wrapped.sizeBytes });
    try {
      for await (const bytes of decompress({ parts, isOver: () => false }, codec, "of the file")) await write(bytes);
    } finally {
      await parts.return(undefined);
    }
  });
  await wrapped.close();
  return { ...source, isEncrypted: wrapped.isEncrypted, isFile: false };
}
