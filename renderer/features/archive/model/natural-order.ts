const ZERO = 0x30;

/**
 * Compares names as people count: `table_2` before `table_10`, letters without regard to case. By character codes alone:
 * a collator asked a million times takes a second.
 */
export function compareNatural(one: string, other: string): number {
  let [a, b] = [0, 0];
  while (a < one.length && b < other.length) {
    const x = fold(one.charCodeAt(a));
    const y = fold(other.charCodeAt(b));
    if (isDigit(x) && isDigit(y)) {
      const [endA, endB] = [numberEnd(one, a), numberEnd(other, b)];
      const [startA, startB] = [withoutZeros(one, a, endA), withoutZeros(other, b, endB)];
      // More digits are a larger number; as many are compared one by one.
      if (endA - startA !== endB - startB) return endA - startA - (endB - startB);
      for (let step = 0; step < endA - startA; step += 1) {
        const difference = one.charCodeAt(startA + step) - other.charCodeAt(startB + step);
        if (difference !== 0) return difference;
      }
      [a, b] = [endA, endB];
    } else if (x === y) {
      a += 1;
      b += 1;
    } else {
      return x - y;
    }
  }
  const rest = one.length - a - (other.length - b);
  if (rest !== 0) return rest;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function fold(code: number): number {
  if (code >= 0x41 && code <= 0x5a) return code + 0x20;
  return code;
}

function isDigit(code: number): boolean {
  return code >= ZERO && code < ZERO + 10;
}

function numberEnd(text: string, from: number): number {
  let end = from;
  while (end < text.length && isDigit(text.charCodeAt(end))) end += 1;
  return end;
}

function withoutZeros(text: string, from: number, end: number): number {
  let start = from;
  while (start < end - 1 && text.charCodeAt(start) === ZERO) start += 1;
  return start;
}
