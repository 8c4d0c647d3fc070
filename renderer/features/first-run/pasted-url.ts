/**
 * The URL or conninfo string in what people paste: `DATABASE_URL=…`, `export X="…"`, `psql "…"`, `url: …`, quoted or not.
 * Empty where nothing is left.
 */
export function takePasted(text: string): string {
  const line = text
    .split(/\r?\n/)
    .map((each) => each.trim())
    .find((each) => each !== "" && !each.startsWith("#"));
  if (line === undefined) return "";
  const value = line
    .replace(/^export\s+/, "")
    .replace(/^[A-Za-z_][A-Za-z0-9_]*\s*[=:]\s*(?=["']?postgres(?:ql)?:\/\/)/, "")
    .replace(/^psql\s+/, "");
  const quoted = /^(["'])(.*)\1[,;]?$/.exec(value);
  return (quoted?.[2] ?? value).trim();
}
