import type { ConnectionChoice, ProfileView, SampleView } from "../../../shared/contract/views.ts";
import type { Environment } from "../../../shared/profile/profile.ts";

/** A server that can be restored into. */
export interface Target {
  /** As a draft names it. */
  readonly key: string;
  readonly name: string;
  readonly where: string;
  /** The database it leads to; null where nobody has said. */
  readonly database: string | null;
  /** null: not known before it is looked at. */
  readonly environment: Environment | null;
  readonly choice: ConnectionChoice;
}

/** Profiles by name, and the sample where it can run and is not a profile already. */
export function listTargets(profiles: readonly ProfileView[], sample: SampleView | null): Target[] {
  const targets = profiles.map(
    (profile): Target => ({
      key: `profile:${profile.name}`,
      name: profile.name,
      where: profile.hosts
        .map(({ host, port }) => (host.startsWith("/") ? "this computer" : `${host}:${port}`))
        .join(", "),
      database: profile.database,
      environment: profile.environment,
      choice: { kind: "profile", name: profile.name },
    }),
  );
  const canSample = sample !== null && sample.unavailable === null && sample.state !== "absent";
  if (canSample && !profiles.some(({ name }) => name === "sample")) {
    targets.push({
      key: "sample",
      name: "sample",
      where: "this computer",
      database: null,
      environment: "development",
      choice: { kind: "sample" },
    });
  }
  return targets;
}

/** Where an archive most likely goes: where it came from, else a database of its name; never another's production. */
export function likelyTarget(
  targets: readonly Target[],
  profile: string | null,
  database: string | null,
): Target | null {
  return (
    targets.find(({ key }) => key === `profile:${profile}`) ??
    targets.find((target) => target.database === database) ??
    targets.find(({ environment }) => environment !== "production") ??
    null
  );
}
