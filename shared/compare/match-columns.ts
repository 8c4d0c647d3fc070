import { AppError } from "../error/app-error.ts";

/** A column of the live table. */
export interface LiveColumn {
  readonly name: string;
  /** As format_type writes it with an empty search_path. */
  readonly type: string;
  readonly isGenerated: boolean;
  /** GENERATED … AS IDENTITY; `always` takes a value of ours only when told to. */
  readonly identity: "always" | "byDefault" | null;
  readonly isNotNull: boolean;
  readonly hasDefault: boolean;
}

/** A column that both sides have. */
export interface ComparedColumn {
  /** Its place in the archive's rows. */
  readonly index: number;
  readonly archived: string;
  readonly live: LiveColumn;
  /** null: the archive's definition does not say. */
  readonly archivedType: string | null;
  readonly isRetyped: boolean;
}

/** How the archive's columns and the live table's go together. */
export interface ColumnMatch {
  /** In the order of the archive's rows. */
  readonly compared: readonly ComparedColumn[];
  /** In the archive alone: they cannot be compared. */
  readonly dropped: readonly string[];
  /** In the live table alone. */
  readonly added: readonly string[];
  /** In the live table alone because it computes them: an archive never holds those. */
  readonly generated: readonly string[];
  readonly renamed: readonly { readonly from: string; readonly to: string }[];
  readonly retyped: readonly { readonly column: string; readonly from: string; readonly to: string }[];
}

/**
 * Finds each archived column in the live table: by its name, or by the one it has now.
 * @param renames archived name → live name
 * @throws compare.columnsDiffer for a rename that names no column, or where no column is on both sides
 */
export function matchColumns(
  archived: readonly string[],
  types: ReadonlyMap<string, string>,
  live: readonly LiveColumn[],
  renames: ReadonlyMap<string, string>,
): ColumnMatch {
  const byName = new Map(live.map((column) => [column.name, column]));
  refuseBadRenames(archived, byName, renames);
  const taken = new Set(renames.values());
  const compared: ComparedColumn[] = [];
  const dropped: string[] = [];
  for (const [index, name] of archived.entries()) {
    const renamed = renames.get(name);
    // A column that took the name of a renamed one is another column.
    const found = renamed === undefined ? (taken.has(name) ? undefined : byName.get(name)) : byName.get(renamed);
    const archivedType = types.get(name) ?? null;
    if (found === undefined) dropped.push(name);
    else
      compared.push({
        index,
        archived: name,
        live: found,
        archivedType,
        isRetyped: archivedType !== null && archivedType !== found.type,
      });
  }
  if (compared.length === 0 && archived.length > 0)
    throw new AppError("compare.columnsDiffer", "The archive's table and the live one have no column in common.");
  const matched = new Set(compared.map(({ live: { name } }) => name));
  const alone = live.filter(({ name }) => !matched.has(name));
  return {
    compared,
    dropped,
    added: alone.filter(({ isGenerated }) => !isGenerated).map(({ name }) => name),
    generated: alone.filter(({ isGenerated }) => isGenerated).map(({ name }) => name),
    renamed: [...renames].map(([from, to]) => ({ from, to })),
    retyped: compared.flatMap(({ live: { name, type }, archivedType, isRetyped }) =>
      isRetyped ? [{ column: name, from: archivedType ?? "", to: type }] : [],
    ),
  };
}

function refuseBadRenames(
  archived: readonly string[],
  live: ReadonlyMap<string, LiveColumn>,
  renames: ReadonlyMap<string, string>,
): void {
  for (const [from, to] of renames) {
    if (!archived.includes(from))
      throw new AppError("compare.columnsDiffer", `The archive's rows have no column ${from}.`, {
        hint: `Its columns are: ${archived.join(", ")}`,
      });
    if (!live.has(to))
      throw new AppError("compare.columnsDiffer", `The live table has no column ${to}.`, {
        hint: `Its columns are: ${[...live.keys()].join(", ")}`,
      });
  }
  if (new Set(renames.values()).size < renames.size)
    throw new AppError("compare.columnsDiffer", "Two columns are mapped to the same one.");
}

/** Types whose text is the same whatever the server's version and settings. */
const steady =
  /^(?:smallint|integer|bigint|numeric|text|character varying|character|"char"|boolean|uuid|date|timestamp(?:\(\d\))? without time zone|time(?:\(\d\))? without time zone|json|jsonb|inet|cidr|oid|name|xml)(?:\([\d,]+\))?$/;

/**
 * Whether two values of a column can be the same while their texts differ: another type now, another time zone when the
 * archive was made, floating point numbers of a server before 12.
 */
export function mayDifferInText({ archivedType, isRetyped, live: { type } }: ComparedColumn): boolean {
  return archivedType === null || isRetyped || !steady.test(type);
}

/** The same of a key's column, where it would keep rows from finding each other. */
export function isUnsteadyKey(column: ComparedColumn): boolean {
  return (
    column.isRetyped ||
    /^(?:timestamp(?:\(\d\))? with time zone|time(?:\(\d\))? with time zone|real|double precision)$/.test(
      column.live.type,
    )
  );
}
