/**
 * What a terminal or a page would obey instead of show: control characters, bidirectional marks and overrides, characters
 * of no width, line separators, half surrogates, tag characters. The zero-width joiner stays: names in Persian and emoji need it.
 */
const obeyed =
  // oxlint-disable-next-line no-control-regex -- control characters are the very thing looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/**
 * Text from outside (names, tool output, row values) so that every character of it is seen and none is obeyed:
 * control characters become their pictures (`␛`, `␊`, `␡`), the others their code point (`<U+202E>`).
 */
export function visibleText(text: string): string {
  return text.replace(obeyed, signOf);
}

/** The same for text of several lines: line ends stay, a carriage return before one is dropped, tabs stay. */
export function visibleLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.split("\t").map(visibleText).join("\t"))
    .join("\n");
}

function signOf(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  if (code === 0x7f) return "␡";
  return `<U+${code.toString(16).toUpperCase().padStart(4, "0")}>`;
}
