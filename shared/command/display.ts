/**
 * A command as it can be pasted into a POSIX shell, for plans, logs and manifests. Never run: children take their
 * argv as it is. Control characters are written as `$'\n'`, so that a hostile name cannot drive the terminal.
 */
export function displayCommand(program: string, args: readonly string[]): string {
  return [program, ...args].map(quoteForShell).join(" ");
}

function quoteForShell(word: string): string {
  if (/^[\w@%+=:,./-]+$/.test(word)) return word;
  // Not only C0: C1 controls and the bidirectional marks change what a reader sees.
  if (!/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(word)) return `'${word.replaceAll("'", `'\\''`)}'`;
  const escaped = word.replaceAll(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069'\\]/gu, (character) => {
    const named = { "\n": "\\n", "\t": "\\t", "\r": "\\r", "'": "\\'", "\\": "\\\\" }[character];
    return named ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `$'${escaped}'`;
}
