/**
 * How many line feeds are in bytes[start, end). COPY text escapes line feeds inside values, so in a table's data this
 * is the number of rows. Four bytes at a time: a backup's whole text goes through here while it streams.
 */
export function countLineFeeds(bytes: Uint8Array, start = 0, end = bytes.length): number {
  let at = start;
  let count = 0;
  while (at < end && ((bytes.byteOffset + at) & 3) !== 0) if (bytes[at++] === 10) count++;
  const wordCount = (end - at) >> 2;
  if (wordCount > 0) {
    const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, wordCount);
    let word = 0;
    while (word < wordCount) {
      // Each byte of `lanes` counts its own column, so it may take 255 words before it is emptied.
      const stop = Math.min(word + 255, wordCount);
      let lanes = 0;
      for (; word < stop; word++) {
        const differs = words[word]! ^ 0x0a0a0a0a;
        // The top bit of a byte of `zero` is set exactly where that byte of `differs` is 0.
        const zero = ~(((differs & 0x7f7f7f7f) + 0x7f7f7f7f) | differs | 0x7f7f7f7f);
        lanes = (lanes + ((zero >>> 7) & 0x01010101)) | 0;
      }
      count += (lanes & 255) + ((lanes >>> 8) & 255) + ((lanes >>> 16) & 255) + (lanes >>> 24);
    }
    at += wordCount << 2;
  }
  while (at < end) if (bytes[at++] === 10) count++;
  return count;
}
