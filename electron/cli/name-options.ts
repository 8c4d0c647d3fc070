import { parseName } from "../../shared/command/names.ts";
import { AppError } from "../../shared/error/app-error.ts";

/** Names separated by commas; one with a comma in it is written in double quotes. @throws usage.invalid */
export function splitNames(text: string): string[] {
  const names = text.match(/(?:"(?:[^"]|"")*"|[^,"])+/g) ?? [];
  return names.map((name) => parseName(name).name);
}

/** `old=new`; a name with `=` in it is written in double quotes. @throws usage.invalid */
export function parseNamePair(option: string, pair: string): [string, string] {
  const match = /^("(?:[^"]|"")+"|[^"=]+)=("(?:[^"]|"")+"|[^"=]+)$/s.exec(pair);
  if (match === null) throw new AppError("usage.invalid", `${option} takes old=new, not ${JSON.stringify(pair)}.`);
  return [parseName(match[1] ?? "").name, parseName(match[2] ?? "").name];
}
