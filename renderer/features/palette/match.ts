/** How well a text answers what was typed, and which characters answered. */
export interface Match {
  /** Higher is better. */
  readonly score: number;
  /** Positions in the text, rising. */
  readonly positions: readonly number[];
}

/**
 * Finds the letters of a query in a text, in order; words of the query may come in any order. Letters that begin a word
 * and letters that follow each other count most, so that `bus` finds "Back up shop" and `orders` does not drown in noise.
 * @returns null where the text does not hold it
 */
export function matchText(query: string, text: string): Match | null {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const lower = text.toLowerCase();
  // Folding may change the length (İ), and then positions would lie.
  const haystack = lower.length === text.length ? lower : text;
  let score = 0;
  const positions = new Set<number>();
  for (const word of words) {
    const match = matchWord(word, haystack);
    if (match === null) return null;
    score += match.score;
    for (const position of match.positions) positions.add(position);
  }
  return { score: score - text.length / 200, positions: [...positions].toSorted((a, b) => a - b) };
}

function matchWord(word: string, text: string): Match | null {
  const whole = bestOccurrence(word, text);
  if (whole !== null) {
    const isStart = startsWord(text, whole);
    return {
      score: word.length * 3 + (isStart ? 6 : 2) + (whole === 0 ? 3 : 0),
      positions: unitsOf(word, whole),
    };
  }
  // Letters apart: each begins a word or follows the one before. What lies about anywhere is an accident, not an answer.
  const positions: number[] = [];
  let score = 0;
  let from = 0;
  for (const letter of word) {
    const next = nextPosition(letter, text, from);
    if (next === null) return null;
    score += next === from && from > 0 ? 1.5 : 2;
    positions.push(...unitsOf(letter, next));
    from = next + letter.length;
  }
  return { score, positions };
}

/** Every code unit counts, so that no letter is ever cut in two. */
function unitsOf(part: string, at: number): number[] {
  return Array.from({ length: part.length }, (_, index) => at + index);
}

/** The first place where the word begins one, else the first place at all. */
function bestOccurrence(word: string, text: string): number | null {
  let first: number | null = null;
  for (let at = text.indexOf(word); at !== -1; at = text.indexOf(word, at + 1)) {
    if (startsWord(text, at)) return at;
    first ??= at;
  }
  return first;
}

/** Right after the letter before, else where the letter begins a word. */
function nextPosition(letter: string, text: string, from: number): number | null {
  if (from > 0 && text.startsWith(letter, from)) return from;
  for (let at = text.indexOf(letter, from); at !== -1; at = text.indexOf(letter, at + 1)) {
    if (startsWord(text, at)) return at;
  }
  return null;
}

function startsWord(text: string, at: number): boolean {
  return at === 0 || /[\s._\-/:(]/.test(text[at - 1] ?? "");
}
