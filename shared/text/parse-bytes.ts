const units: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1e3,
  mb: 1e6,
  gb: 1e9,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/** Bytes a second of `5MB/s`, `800 kB/s`, `2MiB` or `500000`; null for anything else, and for less than one. */
export function parseRate(text: string): number | null {
  const [, number = "", unit = "b"] = /^(\d+(?:\.\d+)?)\s*([kmg]?i?b)?(?:\/s)?$/i.exec(text.trim()) ?? [];
  const bytes = Math.round(Number(number) * (units[unit.toLowerCase()] ?? Number.NaN));
  return number !== "" && Number.isSafeInteger(bytes) && bytes >= 1 ? bytes : null;
}

/** As parseRate reads it, exactly: `5MB/s`, `2048kB/s`, `1500B/s`. */
export function formatRate(bytesPerSecond: number): string {
  for (const [unit, size] of [
    ["GB", 1e9],
    ["MB", 1e6],
    ["kB", 1e3],
  ] as const)
    if (bytesPerSecond % size === 0) return `${bytesPerSecond / size}${unit}/s`;
  return `${bytesPerSecond}B/s`;
}
