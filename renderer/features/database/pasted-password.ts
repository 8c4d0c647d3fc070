import { parseConninfo } from "../../../shared/profile/conninfo.ts";
import { isConnectionUrl, parseConnectionUrl } from "../../../shared/profile/url.ts";

/**
 * The password in a pasted URL or keyword/value line. The services give the fields back without it, so it is taken here,
 * where the person typed it; empty where there is none or the text cannot be read.
 */
export function pastedPassword(text: string): string {
  const [, value = text] = /^\s*(?:export\s+)?[A-Z][A-Z0-9_]*\s*[=:]\s*(\S.*)$/s.exec(text) ?? [];
  const line = value.trim().replace(/^(["'])(.*)\1;?$/s, "$2");
  try {
    const parameters = isConnectionUrl(line) ? parseConnectionUrl(line) : parseConninfo(line);
    return parameters.password ?? "";
  } catch {
    return "";
  }
}
