import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import { displayCommand } from "../../shared/command/display.ts";
import { formatName } from "../../shared/command/names.ts";
import { formatNumberOf } from "../../shared/text/format.ts";
import type { Archive } from "../archives/archive.ts";
import { globalsOf } from "../archives/object-definition.ts";
import type { ResolvedConnection } from "../profiles/resolve-connection.ts";
import type { ClusterPlan, RestorePlan } from "./restore-plan.ts";
import type { RestoreRequest } from "./restore-request.ts";

/**
 * The plans for the databases of a pg_dumpall script as one. What is of the whole server is in none of them: roles and
 * tablespaces of a server that others use are nobody's to change without having read them.
 * @param archive the whole script
 * @param parts at least one
 */
export function joinPlans(
  request: RestoreRequest,
  archive: Archive,
  parts: ClusterPlan["parts"],
  { target }: ResolvedConnection,
): RestorePlan {
  const plans = parts.map(({ plan }) => plan);
  const [first] = plans;
  if (first === undefined) throw new Error("There is no plan to join.");
  const taken = new Set(parts.map(({ name }) => name));
  const globals = globalsLeft(archive);
  const empty = archive.databases.filter((name) => !taken.has(name));
  return {
    ...first,
    request,
    database: formatNumberOf(parts.length, "new database"),
    createDatabase: plans.flatMap(({ createDatabase }) => createDatabase.slice(0, 1)),
    createSchemas: [],
    graph: readDependencyGraph(archive.toc),
    entries: plans.flatMap(({ entries }) => entries),
    chosen: plans.flatMap(({ chosen }) => chosen),
    added: plans.flatMap(({ added }) => added),
    kept: plans.flatMap(({ kept }) => kept),
    offered: plans.flatMap(({ offered }) => offered),
    mapped: plans.flatMap(({ mapped }) => mapped),
    tables: plans.flatMap(({ tables }) => tables),
    warnings: [...(globals === null ? [] : [globals]), ...joinWarnings(parts)],
    bytesToRead: archive.sizeBytes,
    touches: [
      ...parts.map(({ name, plan }) => `${formatName(null, name)} comes as ${formatName(null, plan.database)}.`),
      ...(empty.length === 0
        ? []
        : [`Nothing is in ${empty.map((name) => formatName(null, name)).join(", ")}, so nothing is made of it.`]),
      "Nothing else on that server is changed.",
    ],
    undo: "Drop the new databases. One that fails is dropped by Lifeboat and the others go on; a cancelled restore leaves none.",
    confirmation: target.environment === "production" ? `${first.host} is a production server.` : null,
    cluster: { parts, globals },
  };
}

/** How what is of the whole server is read and run. */
function globalsLeft({ path, toc }: Archive): string | null {
  const count = globalsOf(toc).length;
  if (count === 0) return null;
  const command = displayCommand("lifeboat", ["definition", path, "--globals"]);
  return `Roles and tablespaces of the script (${formatNumberOf(count, "entry", "entries")}) are not run. What this server lacks of them is to be run with psql first; read them with: ${command}`;
}

/** A warning that holds for all is said once; any other with the databases it is about. */
function joinWarnings(parts: ClusterPlan["parts"]): string[] {
  const names = new Map<string, string[]>();
  for (const { name, plan } of parts)
    for (const text of plan.warnings) names.set(text, [...(names.get(text) ?? []), formatName(null, name)]);
  return Array.from(names, ([text, about]) => (about.length === parts.length ? text : `${about.join(", ")}: ${text}`));
}
