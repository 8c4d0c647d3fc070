import { z } from "zod";
import { sshTunnelSchema } from "../../shared/contract/connection-target.ts";
import type { ConnectionProfile } from "../../shared/profile/profile.ts";

/**
 * A name that is safe in a command line and in messages, and that no URL, path or option can be taken for: letters,
 * digits, `.`, `_` and `-`, beginning with a letter or digit.
 */
const profileName = z.string().regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u);

const text = z.string().min(1);

const connectionProfile = z.object({
  name: profileName,
  hosts: z.array(z.object({ host: text, port: z.int().min(1).max(65535) })).min(1),
  database: text,
  user: text,
  sslMode: z.enum(["disable", "allow", "prefer", "require", "verify-ca", "verify-full"]),
  sslRootCert: text.nullable(),
  sslCert: text.nullable(),
  sslKey: text.nullable(),
  service: text.nullable(),
  connectTimeoutSeconds: z.int().min(0).exactOptional(),
  options: text.exactOptional(),
  targetSessionAttrs: z
    .enum(["any", "read-write", "read-only", "primary", "standby", "prefer-standby"])
    .exactOptional(),
  tunnel: sshTunnelSchema.exactOptional(),
  passwordSource: z.enum(["keychain", "pgpass", "ask", "none"]),
  environment: z.enum(["production", "staging", "development"]),
  colour: z
    .string()
    .regex(/^#[0-9a-f]{6}$/i)
    .nullable(),
  places: z.object({ folder: text.nullable(), storages: z.array(text), recipients: z.array(text) }).exactOptional(),
}) satisfies z.ZodType<ConnectionProfile>;

/** The whole of profiles.json. */
export const profilesFile = z.object({ version: z.literal(1), profiles: z.array(connectionProfile) });

export function isProfileName(name: string): boolean {
  return profileName.safeParse(name).success;
}

/** What makes a profile one that could not be read again; null where nothing does. */
export function whyNotStorable(profile: ConnectionProfile): string | null {
  const parsed = connectionProfile.safeParse(profile);
  return parsed.success ? null : z.prettifyError(parsed.error);
}

export function isColour(colour: string): boolean {
  return connectionProfile.shape.colour.safeParse(colour).success;
}
