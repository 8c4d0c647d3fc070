import { toErrorValue } from "../../shared/error/app-error.ts";

/** One line of `lifeboat doctor`. */
export interface Check {
  readonly area: "tools" | "keychain" | "folders" | "sample" | "backups" | "jobs";
  /** `attention`: it works, or can be done without, and there is something to know. */
  readonly state: "works" | "attention" | "broken";
  /** What was looked at, two or three words. */
  readonly subject: string;
  /** What was found, one sentence. */
  readonly message: string;
  /** What to do, where there is something. */
  readonly remedy: string | null;
}

/** Turns a failed look into a line of its own, so that one broken part does not hide the others. */
export async function checkSafely(
  area: Check["area"],
  subject: string,
  look: () => Promise<Check[]>,
): Promise<Check[]> {
  try {
    return await look();
  } catch (error) {
    const value = toErrorValue(error);
    const message = value.code === "internal.unexpected" ? (value.detail ?? value.message) : value.message;
    return [{ area, state: "broken", subject, message, remedy: value.hint ?? null }];
  }
}
