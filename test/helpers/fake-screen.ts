/** A stream that keeps what is written on it. */
export interface FakeScreen {
  readonly isTTY: boolean;
  readonly columns: number;
  readonly writes: string[];
  write(text: string): boolean;
}

export function fakeScreen(options: { isTTY: boolean; columns?: number }): FakeScreen {
  const writes: string[] = [];
  return { isTTY: options.isTTY, columns: options.columns ?? 80, writes, write: (text) => writes.push(text) > 0 };
}

/**
 * What a terminal shows after these writes: lines, with carriage return, cursor up, erase to the end of the line and of
 * the screen. Colours are left out; any other escape
 * sequence makes it throw.
 */
export function showOnTerminal(writes: readonly string[]): string[] {
  const lines = [""];
  let row = 0;
  let column = 0;
  // oxlint-disable-next-line no-control-regex -- escape sequences are what a terminal reads
  for (const [token, count, letter] of writes.join("").matchAll(/\u001b\[(\d*)([A-Za-z])|[^]/gu)) {
    const line = lines[row] ?? "";
    if (token === "\n") {
      row += 1;
      column = 0;
      lines[row] ??= "";
    } else if (token === "\r") column = 0;
    else if (letter === "K") lines[row] = line.slice(0, column);
    else if (letter === "J") {
      lines[row] = line.slice(0, column);
      lines.splice(row + 1);
    } else if (letter === "A") row -= Number(count || "1");
    else if (letter === "m") continue;
    else if (token.startsWith("\u001b")) throw new Error(`unexpected ${JSON.stringify(token)}`);
    else {
      lines[row] = line.slice(0, column).padEnd(column) + token + line.slice(column + 1);
      column += 1;
    }
  }
  return lines;
}
