import { formatName } from "../../shared/command/names.ts";
import type { SchemaDiffView } from "../../shared/contract/views.ts";
import { formatHost } from "../../shared/profile/target.ts";
import type { Archive } from "../archives/archive.ts";
import { openStoredArchive } from "../archives/open-stored-archive.ts";
import { diffArchives } from "../compare/diff-archives.ts";
import { withLiveSchema } from "../compare/live-schema.ts";
import type { Handlers } from "../host/served-app.ts";
import { type AppServices, archiveAccess, wholePath } from "./app-services.ts";
import { secretOf } from "./databases.ts";

/** Compares the definitions in an archive with those of a database or of another archive. Changes nothing. */
export function schemaDiffHandlers(services: AppServices): Pick<Handlers, "archive.databases" | "compare.schemas"> {
  return {
    async "archive.databases"({ path }) {
      const { archive } = await openStoredArchive(wholePath(path), await archiveAccess(services));
      await archive.close();
      return archive.databases;
    },
    async "compare.schemas"({ path, database: meant, with: other, password }, { signal }) {
      const access = await archiveAccess(services);
      const { archive } = await openStoredArchive(wholePath(path), { ...access, database: meant });
      try {
        if (other.kind === "archive") {
          const { archive: against } = await openStoredArchive(wholePath(other.path), {
            ...access,
            database: other.database,
          });
          try {
            return viewOf(archive, against, against.header.database, against.path);
          } finally {
            await against.close();
          }
        }
        const connection = await services.connections.resolve(other, secretOf(password));
        const { database, hosts } = connection.target;
        const where = hosts[0] === undefined ? "" : formatHost(hosts[0]);
        return await withLiveSchema(connection, await services.home(), signal, async (live) =>
          viewOf(archive, live, database, where),
        );
      } finally {
        await archive.close();
      }
    },
  };
}

/** More are counted and not sent: nobody reads them one by one. */
const mostDifferences = 2000;
/** Longer definitions are cut. */
const mostCharacters = 20_000;

function viewOf(archive: Archive, other: Archive, database: string | null, where: string): SchemaDiffView {
  const { differences, same, notes } = diffArchives(archive, other);
  const count = (kind: "added" | "removed" | "changed") => differences.filter((each) => each.kind === kind).length;
  return {
    database,
    where,
    counts: { changed: count("changed"), removed: count("removed"), added: count("added"), same },
    differences: differences.slice(0, mostDifferences).map((each) => ({
      ...each,
      before: cut(each.before),
      after: cut(each.after),
    })),
    tables: tablesOfBoth(archive, other),
    notes,
  };
}

function cut(definition: string | null): string | null {
  if (definition === null || definition.length <= mostCharacters) return definition;
  return `${definition.slice(0, mostCharacters)}…`;
}

const mostTables = 2000;

/** Tables whose rows the archive has and the other side may have, by name. */
function tablesOfBoth(archive: Archive, other: Archive): SchemaDiffView["tables"] {
  const there = new Set<string>();
  for (const { desc, namespace, tag } of other.toc) if (desc === "TABLE") there.add(JSON.stringify([namespace, tag]));
  const tables: { dumpId: number; name: string }[] = [];
  for (const { desc, namespace, tag, dumpId } of archive.toc)
    if (desc === "TABLE DATA" && there.has(JSON.stringify([namespace, tag])))
      tables.push({ dumpId, name: formatName(namespace, tag) });
  return tables.toSorted((one, two) => (one.name < two.name ? -1 : 1)).slice(0, mostTables);
}
