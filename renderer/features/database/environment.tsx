import type { Environment } from "../../../shared/profile/profile.ts";
import { Badge, type Tone } from "../../components/badge.tsx";
import { environmentNames } from "./texts.ts";

const tones: Readonly<Record<Environment, Tone>> = { production: "bad", staging: "warn", development: "neutral" };
const colours: Readonly<Record<Environment, string>> = {
  production: "var(--bad)",
  staging: "var(--warn)",
  development: "var(--accent)",
};

/** How much hangs on a database, in a word. */
export function EnvironmentBadge({ environment }: { readonly environment: Environment }) {
  return (
    <Badge tone={tones[environment]} icon={null}>
      {environmentNames[environment]}
    </Badge>
  );
}

/** The colour a database is known by: its own where it has one. */
export function colourOf(environment: Environment, colour: string | null): string {
  return colour ?? colours[environment];
}
