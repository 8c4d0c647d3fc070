import { readDependencyGraph } from "../../shared/archive/dependency-graph.ts";
import type { Choice } from "../../shared/archive/selection.ts";
import { AppError } from "../../shared/error/app-error.ts";
import type { Archive } from "../archives/archive.ts";
import { severalDatabases } from "../archives/cluster-archive.ts";

/** Whether a database of a script has anything that is restored: `template1` and `postgres` mostly have nothing. */
export function holdsObjects(database: Archive): boolean {
  return readDependencyGraph(database.toc).all.length > 0;
}

/**
 * The one database of a pg_dumpall script that a choice is of: that of its dump IDs; of everything, the only one that holds
 * anything; of what is named, the only one with rows, where there are rows.
 * Every other archive is its own.
 * @throws archive.databaseUnclear, archive.objectNotFound, restore.nothingSelected for roles and tablespaces
 */
export function databaseMeant(archive: Archive, choice: Choice): Archive {
  const { databases } = archive;
  if (databases.length === 0) return archive;
  const ids = choice.kind === "objects" ? choice.dumpIds : [];
  const meant =
    ids.length > 0
      ? [...new Set(ids.map((id) => archive.partOf(id)))]
      : databases.map((name) => archive.database(name));
  const [only, ...others] = ids.length > 0 ? meant : likeliest(meant, choice);
  if (only === undefined || others.length > 0) throw severalDatabases(databases);
  if (ids.some((id) => archive.databaseOf(id) === null))
    throw new AppError("restore.nothingSelected", "Roles and tablespaces are of the whole server, not of a database.", {
      hint: "Read their SQL with: lifeboat definition ARCHIVE --globals, and run it with psql.",
    });
  return only;
}

/** An extension in `postgres` makes no choice of a table unclear; of everything it is a part. */
function likeliest(databases: readonly Archive[], { kind }: Choice): readonly Archive[] {
  const withRows = databases.filter(({ toc }) => [...toc].some(({ hasData }) => hasData));
  return kind === "objects" && withRows.length > 0 ? withRows : databases.filter(holdsObjects);
}
