import { type ConnectionParameters, keywords, keywordVariables } from "./keywords.ts";

/**
 * The connection parameters of libpq's environment variables (manual 34.15). A variable that is set and empty counts
 * as set, as in libpq. PGREQUIRESSL, the forerunner of PGSSLMODE, is heard where PGSSLMODE is silent.
 */
export function readEnvironment(env: Readonly<Record<string, string | undefined>>): ConnectionParameters {
  const parameters: ConnectionParameters = {};
  for (const keyword of keywords) {
    const variable = keywordVariables[keyword];
    const value = variable === null ? undefined : env[variable];
    if (value !== undefined) parameters[keyword] = value;
  }
  if (parameters.sslmode === undefined && env["PGREQUIRESSL"]?.startsWith("1")) parameters.sslmode = "require";
  return parameters;
}
