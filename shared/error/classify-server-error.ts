import type { ErrorCode } from "./catalogue.ts";
import type { RuleClass } from "./rule.ts";
import { rules } from "./rules.ts";

/** What an error of the server means. */
export interface ServerErrorMeaning {
  readonly code: ErrorCode;
  readonly class: RuleClass | null;
  readonly meaning: string | null;
  readonly remedy: string | null;
}

/**
 * SQLSTATE (appendix A of the manual, src/backend/utils/errcodes.txt) to a rule of ours: the state says what it is in
 * any language, the rule says it in plain words. Longer prefixes first.
 */
const ruleOfState: readonly (readonly [state: string, ruleId: string])[] = [
  ["28P01", "C08"],
  ["3D000", "C06"],
  ["42501", "R18"],
  ["53300", "C26"],
  ["53100", "R38"],
  ["53200", "R39"],
  ["57P01", "D13"],
  ["57P02", "D13"],
  ["57P03", "C27"],
  ["55P03", "D05"],
  ["55006", "R33"],
  ["25006", "R35"],
  ["40P01", "R37"],
  ["23503", "R21"],
  ["23505", "R22"],
  ["23514", "R45"],
  ["23502", "R45"],
  ["22P05", "R29"],
  ["22021", "R30"],
  ["42P07", "R07"],
  ["42710", "R07"],
  ["42P06", "R07"],
  ["42P04", "R07"],
  ["XX001", "D15"],
  ["XX002", "D15"],
  ["08P01", "C25"],
  ["08", "D13"],
];

/** States whose rule's words are about restoring, where the code alone holds for every use. */
const plainWords: Readonly<Record<string, { meaning: string; remedy: string }>> = {
  "42501": { meaning: "The role may not do this.", remedy: "Ask for the privilege, or use a role that has it." },
  "53200": { meaning: "The server is out of memory.", remedy: "Try again when it has less to do." },
  "57P01": { meaning: "The server ended the connection.", remedy: "Run it again when the server is reachable." },
  "57P02": { meaning: "The server went down.", remedy: "Run it again when the server is reachable." },
  "08": { meaning: "The connection to the server broke off.", remedy: "Run it again when the server is reachable." },
};

/**
 * For our own driver, where the server gives its SQLSTATE. The rules' patterns are asked first for states that cover
 * several causes (28000, 0A000 and the like), because the server's words tell them apart.
 * @param sqlState five characters, or empty where the driver failed before the server spoke
 * @returns `postgres.queryFailed` without words where nothing is known
 */
export function classifyServerError(sqlState: string, message: string): ServerErrorMeaning {
  const text = message.slice(0, 8_000);
  const byState = ruleOfState.find(([state]) => state !== "" && sqlState.startsWith(state));
  const rule = byState
    ? rules.find(({ id }) => id === byState[1])
    : rules.find(({ phase, pattern }) => phase !== "s3" && phase !== "local" && pattern.test(text));
  if (!rule) return { code: "postgres.queryFailed", class: null, meaning: null, remedy: null };
  const words = byState ? plainWords[byState[0]] : undefined;
  return {
    code: rule.code,
    class: rule.class,
    meaning: words?.meaning ?? rule.meaning,
    remedy: words?.remedy ?? rule.remedy,
  };
}
