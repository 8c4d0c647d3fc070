import { z } from "zod";
import type { ConnectionTarget, SshTunnel } from "../profile/profile.ts";
import { localPath } from "./named-paths.ts";

/** The SSH server of a connection. A host that begins with a dash would be taken for an option by whoever copies it. */
export const sshTunnelSchema: z.ZodType<SshTunnel> = z.strictObject({
  host: z.string().regex(/^[^\s@-][^\s@]{0,254}$/),
  port: z.int().min(1).max(65_535).nullable(),
  user: z.string().min(1).max(200).nullable(),
  authentication: z.enum(["agent", "key", "password"]),
  keyFile: localPath.nullable(),
});

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
  tunnel: sshTunnelSchema.exactOptional(),
  environment: z.enum(["production", "staging", "development"]),
  profile: z.string().nullable(),
});
