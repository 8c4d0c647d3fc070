/**
 * How many columns a terminal gives a text. string-width makes a segmenter when it is loaded, which costs 10 to 20 ms, a
 * quarter of a command's start; nearly all tables are plain ASCII, so it is loaded when the first other text is met.
 */
let measure: ((text: string) => number) | null = null;

/** Columns of a text. Exact for ASCII, and for all text after `loadTextWidth()`; before that one column a character. */
export function widthOf(text: string): number {
  if (isAscii(text)) return text.length;
  return measure === null ? Array.from(text).length : measure(text);
}

/** True where `widthOf` is exact for this text already. */
export function isMeasurable(text: string): boolean {
  return measure !== null || isAscii(text);
}

/** Makes `widthOf` exact for all text. */
export async function loadTextWidth(): Promise<void> {
  measure ??= (await import("string-width")).default;
}

function isAscii(text: string): boolean {
  return /^[\x20-\x7e]*$/.test(text);
}
