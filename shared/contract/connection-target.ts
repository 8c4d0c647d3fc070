import { z } from "zod";
import type { ConnectionTarget } from "../profile/profile.ts";

/** A connection as jobs store it: everything but the password, which is looked up anew for each run. */
export const connectionTargetSchema: z.ZodType<ConnectionTarget> = z.object({
  hosts: z.array(z.object({ host: z.string(), port: z.number().int() })).min(1),
  database: z.string(),
  user: z.string(),
  sslMode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
  sslRootCert: z.string().nullable(),
  sslCert: z.string().nullable(),
  sslKey: z.string().nullable(),
  connectTimeoutSeconds: z.number(),
  options: z.string().nullable(),
  targetSessionAttrs: z.enum(["any", "read-write", "read-only", "primary", "standby", "prefer-standby"]),
  environment: z.enum(["production", "staging", "development"]),
  profile: z.string().nullable(),
});
