import type { DoctorCheck } from "../../shared/contract/views.ts";
import { toErrorValue } from "../../shared/error/app-error.ts";

/** One line of `lifeboat doctor`. */
export type Check = DoctorCheck;

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
