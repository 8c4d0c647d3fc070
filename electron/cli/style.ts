/** What a piece of text means; how it looks is decided here alone. */
export type Style = "bold" | "dim" | "good" | "warn" | "bad" | "accent";

// SGR codes: on, off.
const codes: Record<Style, readonly [number, number]> = {
  bold: [1, 22],
  dim: [2, 22],
  good: [32, 39],
  warn: [33, 39],
  bad: [31, 39],
  accent: [36, 39],
};

/** The text between the terminal's codes for a style. */
export function paint(style: Style, text: string): string {
  const [on, off] = codes[style];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}
