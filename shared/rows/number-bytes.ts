const [minus, plus, point, letterE, letterSmallE] = [45, 43, 46, 69, 101];

/**
 * True for bytes that are a number in JSON and in SQL alike: `-12.50`, `1e+20`. Nothing else may stand there without quotes:
 * `1--` would begin a comment.
 */
export function isNumberText(bytes: Uint8Array, start: number, end: number): boolean {
  let at = bytes[start] === minus && start < end ? start + 1 : start;
  const whole = skipDigits(bytes, at, end);
  // JSON has no number that begins with a zero but 0 and 0.5.
  if (whole === at || (bytes[at] === 48 && whole > at + 1)) return false;
  at = whole;
  if (at < end && bytes[at] === point) {
    const fraction = skipDigits(bytes, at + 1, end);
    if (fraction === at + 1) return false;
    at = fraction;
  }
  if (at < end && (bytes[at] === letterE || bytes[at] === letterSmallE)) {
    at++;
    if (at < end && (bytes[at] === plus || bytes[at] === minus)) at++;
    const exponent = skipDigits(bytes, at, end);
    if (exponent === at) return false;
    at = exponent;
  }
  return at === end;
}

function skipDigits(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at]! >= 48 && bytes[at]! <= 57) at++;
  return at;
}
