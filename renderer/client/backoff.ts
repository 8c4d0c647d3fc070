/** Waits before each further attempt, in milliseconds: soon at first, then every five seconds. */
export function retryDelayMs(attempt: number): number {
  return Math.min(5000, 200 * 2 ** Math.min(attempt, 10));
}
