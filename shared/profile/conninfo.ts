import { AppError } from "../error/app-error.ts";
import { type ConnectionParameters, storeParameter } from "./keywords.ts";

/** What C's isspace() takes for space in the C locale. */
const spaces = " \t\n\v\f\r";

/**
 * Reads a keyword/value connection string as libpq's `conninfo_parse` (fe-connect.c) does: `host=/tmp dbname='my db'`,
 * spaces around `=`, backslash escapes inside and outside quotes, the last of two equal keywords wins.
 *
 * @throws AppError `connection.invalid`; its text names keywords, never values, because a slip of the hand can put a
 *   password anywhere
 */
export function parseConninfo(text: string): ConnectionParameters {
  const parameters: ConnectionParameters = {};
  let at = 0;
  const isSpace = () => at < text.length && spaces.includes(text.charAt(at));
  const skipSpaces = () => {
    while (isSpace()) at++;
  };

  for (;;) {
    skipSpaces();
    if (at >= text.length) return parameters;
    const start = at;
    while (at < text.length && text[at] !== "=" && !isSpace()) at++;
    const keyword = text.slice(start, at);
    skipSpaces();
    if (text[at] !== "=") throw invalid(`In a connection string, = must follow ${namedSafely(keyword)}.`);
    at++;
    skipSpaces();

    let value = "";
    const quoted = text[at] === "'";
    if (quoted) at++;
    for (;;) {
      if (at >= text.length) {
        if (quoted) throw invalid(`In the connection string, the quote after ${namedSafely(keyword)} is not closed.`);
        break;
      }
      const character = text.charAt(at);
      if (quoted ? character === "'" : isSpace()) {
        at++;
        break;
      }
      if (character === "\\") at++;
      // A backslash at the very end stands for nothing, as in libpq.
      value += text.charAt(at);
      at++;
    }
    if (!storeParameter(parameters, keyword, value)) {
      throw invalid(`A connection string has no keyword ${namedSafely(keyword)}.`);
    }
  }
}

function invalid(message: string): AppError {
  return new AppError("connection.invalid", message, {
    hint: "Write it as libpq reads it: host=db.example.org dbname='my shop' user=me, or use a postgresql:// URL.",
  });
}

/** A keyword is repeated only when it looks like one: an unquoted password with a space ends up in its place. */
function namedSafely(keyword: string): string {
  return /^[a-z][a-z_]{2,29}$/.test(keyword) ? `“${keyword}”` : "each keyword";
}
