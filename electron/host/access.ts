import { randomBytes, timingSafeEqual } from "node:crypto";

/** Who may come in: one-time codes, each exchanged for a token that lives as long as this process. */
export interface Access {
  /**
   * A fresh code, good once and for 60 s.
   * @param whose `thisUser`: only a program of the user this process runs as may use it
   */
  newCode(whose: "anybody" | "thisUser"): string;
  /** A token for a code; null where the code is wrong, used, too old, or not for whoever asks, whose code stays good. */
  exchange(code: string, isThisUser: boolean): string | null;
  isToken(token: string): boolean;
}

const codeLifeMs = 60_000;
const mostCodes = 20;
const mostTokens = 100;

/** @param now milliseconds; for tests */
export function createAccess(now: () => number = Date.now): Access {
  let codes: { readonly code: Buffer; readonly until: number; readonly whose: "anybody" | "thisUser" }[] = [];
  const tokens: Buffer[] = [];
  return {
    newCode(whose) {
      const code = randomBytes(18).toString("base64url");
      codes = [...codes, { code: Buffer.from(code), until: now() + codeLifeMs, whose }].slice(-mostCodes);
      return code;
    },
    exchange(text, isThisUser) {
      const given = Buffer.from(text);
      const found = findEqual(codes, ({ code }) => code, given);
      if (found === null || (found.whose === "thisUser" && !isThisUser)) return null;
      codes = codes.filter((each) => each !== found);
      if (found.until < now()) return null;
      const token = randomBytes(32).toString("base64url");
      tokens.push(Buffer.from(token));
      if (tokens.length > mostTokens) tokens.shift();
      return token;
    },
    isToken: (text) => findEqual(tokens, (token) => token, Buffer.from(text)) !== null,
  };
}

/** Compares with every one of them in constant time, so that the time says nothing about how near a guess was. */
function findEqual<T>(all: readonly T[], bytesOf: (one: T) => Buffer, given: Buffer): T | null {
  let found: T | null = null;
  for (const one of all) {
    const bytes = bytesOf(one);
    if (bytes.length === given.length && timingSafeEqual(bytes, given)) found = one;
  }
  return found;
}
