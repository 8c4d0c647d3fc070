import type { z } from "zod";

/** A method's arguments, checked at the door, and the type of its result. */
export interface Method<Args, Result> {
  readonly args: z.ZodType<Args>;
  /** Only a type: nothing is ever stored here. */
  readonly result?: Result;
}

/** `gives<Result>()(args)`: a line of the table. */
export function gives<Result>() {
  return <Args>(args: z.ZodType<Args>): Method<Args, Result> => ({ args });
}
