import { isatty } from "node:tty";

/** True where a person can be asked: stdin and stderr are a terminal. Apart from asking, which loads much. */
export function canAsk(): boolean {
  return isatty(0) && isatty(2);
}
