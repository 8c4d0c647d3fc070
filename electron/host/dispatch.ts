import { type MethodName, methods } from "../../shared/contract/methods.ts";
import { findNamedPaths } from "../../shared/contract/named-paths.ts";
import { AppError, type ErrorValue, toErrorValue } from "../../shared/error/app-error.ts";
import type { ClientSession, ServedApp } from "./served-app.ts";

/** How a call ended. Nothing is ever thrown across. */
export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly error: ErrorValue };

type AnyHandler = (args: unknown, session: ClientSession) => Promise<unknown>;

/**
 * Name → check → paths admitted → handler → outcome. Never rejects.
 * Codes of its own: contract.unknownMethod, contract.badArguments (which names fields, never their values),
 * contract.placeNotAllowed.
 */
export async function dispatch(
  app: Pick<ServedApp, "handlers" | "admitPaths">,
  session: ClientSession,
  method: string,
  args: unknown,
): Promise<Outcome> {
  if (!isMethod(method))
    return refuse(new AppError("contract.unknownMethod", "There is no such method.", { detail: method.slice(0, 100) }));
  const parsed = methods[method].args.safeParse(args);
  if (!parsed.success) {
    const detail = parsed.error.issues
      .slice(0, 10)
      .map((issue) => `${issue.path.join(".")}: ${issue.message}`)
      .join("; ");
    return refuse(
      new AppError("contract.badArguments", `${method} was called with arguments it does not take.`, { detail }),
    );
  }
  try {
    await app.admitPaths?.(findNamedPaths(methods[method].args, parsed.data));
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a name and its own checked arguments; the table's type pairs them
    const handler = app.handlers[method] as AnyHandler;
    return { ok: true, value: await handler(parsed.data, session) };
  } catch (error) {
    return refuse(error);
  }
}

/** Only names of the table: not what every object inherits. */
function isMethod(name: string): name is MethodName {
  return Object.hasOwn(methods, name);
}

function refuse(error: unknown): Outcome {
  return { ok: false, error: toErrorValue(error) };
}
