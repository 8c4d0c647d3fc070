import type { JobId } from "./job.ts";

// Crockford's base 32, lower case: no i, l, o, u, so that an id can be read out and typed.
const digits = "0123456789abcdefghjkmnpqrstvwxyz";
const timeLength = 10;
const randomLength = 16;

/**
 * A maker of job ids: 10 characters of time in milliseconds, 16 random ones (80 bits). Ids of one maker always grow, also
 * within a millisecond and when the clock is set back; ids of two makers differ by chance.
 *
 * @param random fills an array with random bytes
 */
export function createJobIds(now: () => number, random: (length: number) => Uint8Array): () => JobId {
  let lastTime = -1;
  let tail: number[] = [];
  return () => {
    const time = now();
    if (time > lastTime) {
      lastTime = time;
      // 5 bits of each byte; the first digit stays in the lower half so that counting up cannot run over.
      tail = Array.from(random(randomLength), (byte, at) => byte & (at === 0 ? 15 : 31));
    } else countUp(tail);
    return toJobId(timeDigits(lastTime) + tail.map((digit) => digits[digit]).join(""));
  };
}

/** True for text that is a whole job id. */
export function isJobId(text: string): text is JobId {
  return /^[0-9a-hjkmnp-tv-z]{26}$/.test(text);
}

/** Text that is known to be an id, as one. Throws where it is not. */
export function toJobId(text: string): JobId {
  if (!isJobId(text)) throw new Error(`not a job id: ${text}`);
  return text;
}

function timeDigits(ms: number): string {
  let rest = ms;
  let text = "";
  for (let at = 0; at < timeLength; at += 1) {
    text = (digits[rest % 32] ?? "") + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function countUp(tail: number[]): void {
  for (let at = tail.length - 1; at >= 0; at -= 1) {
    const next = (tail[at] ?? 0) + 1;
    tail[at] = next % 32;
    if (next < 32) return;
  }
}
