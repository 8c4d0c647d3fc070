import { z } from "zod";

/** A file or folder of the machine that the services run on. Every argument that names one is of this schema. */
export const localPath = z.string().min(1).max(4096).meta({ names: "path" });

/** A URL or keyword/value string of libpq, which may name files too: certificates, keys, a passfile. */
export const connectionText = z.string().max(4000).meta({ names: "connection" });

/** What checked arguments name on this machine: the host of a browser lets only some of it pass. */
export interface NamedPaths {
  readonly paths: readonly string[];
  readonly connections: readonly string[];
}

/** Finds them by their schemas, wherever they stand in a value that the schema has passed. */
export function findNamedPaths(schema: z.ZodType, value: unknown): NamedPaths {
  const paths: string[] = [];
  const connections: string[] = [];
  walk(schema, value, (names, text) => (names === "path" ? paths : connections).push(text));
  return { paths, connections };
}

function walk(schema: z.core.$ZodType, value: unknown, tell: (names: unknown, text: string) => void): void {
  if (value === null || value === undefined) return;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) walk(schema.unwrap(), value, tell);
  else if (schema instanceof z.ZodObject)
    for (const [key, field] of Object.entries<z.core.$ZodType>(schema.shape))
      walk(field, Reflect.get(value, key), tell);
  else if (schema instanceof z.ZodArray && Array.isArray(value))
    for (const each of value) walk(schema.element, each, tell);
  else if (schema instanceof z.ZodUnion)
    for (const option of schema.options) {
      if (z.safeParse(option, value).success) walk(option, value, tell);
    }
  else if (schema instanceof z.ZodString && typeof value === "string") {
    const names = schema.meta()?.["names"];
    if (names !== undefined) tell(names, value);
  }
}
