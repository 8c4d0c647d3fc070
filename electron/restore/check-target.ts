import type { TocEntry } from "../../shared/archive/toc-entry.ts";
import { formatName } from "../../shared/command/names.ts";
import { type DatabaseLocale, providerFits } from "../../shared/restore/database-definition.ts";
import { type RoleMap, rolesNamedBy } from "../../shared/restore/roles.ts";
import type { Session } from "../postgres/connect.ts";

/** What of the request decides which of the target's lacks matter. */
export interface TargetNeeds {
  readonly entries: readonly TocEntry[];
  readonly noOwner: boolean;
  readonly noPrivileges: boolean;
  readonly roleMap: RoleMap;
  readonly serverVersionNum: number;
  /** `15.18 (Debian …)`, as the archive says it. */
  readonly sourceVersion: string | null;
}

/**
 * What the target lacks, as sentences: roles, extensions, tablespaces, and its age. None of it stops a restore; all of
 * it makes entries fail or be dropped silently.
 * @throws postgres.*, connection.lost
 */
export async function findLacks(session: Session, needs: TargetNeeds): Promise<string[]> {
  return [
    ...(await missingRoles(session, needs)),
    ...(await missingExtensions(session, needs.entries)),
    ...(await missingTablespaces(session, needs.entries)),
    ...ages(needs),
  ];
}

async function missingRoles(session: Session, needs: TargetNeeds): Promise<string[]> {
  const owners = needs.noOwner ? [] : needs.entries.flatMap((entry) => ownerOf(entry));
  const named = needs.noPrivileges ? needs.entries.filter(({ desc }) => !desc.endsWith("ACL")) : needs.entries;
  const grantees = named.flatMap(rolesNamedBy);
  const wanted = [...new Set([...owners, ...grantees].map((role) => needs.roleMap[role] ?? role))];
  if (wanted.length === 0) return [];
  const rows = await session.query<{ name: string; member: boolean }>(
    `select rolname::text as name, pg_catalog.pg_has_role(current_user, oid, 'MEMBER') as member
     from pg_catalog.pg_roles where rolname = any ($1::text[])`,
    [wanted],
  );
  const known = new Map(rows.map(({ name, member }) => [name, member]));
  const warnings: string[] = [];
  const missing = wanted.filter((role) => !known.has(role));
  if (missing.length > 0)
    warnings.push(
      `The target has no role ${nameList(missing)}. What they own or are granted fails; create them first, or use ${missing.some((role) => owners.includes(role)) ? "--no-owner and --no-privileges" : "--no-privileges"}.`,
    );
  const foreign = wanted.filter((role) => owners.includes(role) && known.get(role) === false);
  if (foreign.length > 0)
    warnings.push(
      `The connected role is no member of ${nameList(foreign)}, so it cannot give objects to them; grant it the membership, or use --no-owner.`,
    );
  return warnings;
}

/** Comments, privileges and the like carry the owner of their object; data is owned by nobody. */
function ownerOf(entry: TocEntry): string[] {
  return entry.owner === null || entry.owner === "" || entry.section === "data" ? [] : [entry.owner];
}

async function missingExtensions(session: Session, entries: readonly TocEntry[]): Promise<string[]> {
  const wanted = entries.filter(({ desc }) => desc === "EXTENSION").map(({ tag }) => tag);
  if (wanted.length === 0) return [];
  const rows = await session.query<{ name: string }>(
    "select name::text as name from pg_catalog.pg_available_extensions where name = any ($1::text[])",
    [wanted],
  );
  const available = new Set(rows.map(({ name }) => name));
  const missing = wanted.filter((name) => !available.has(name));
  if (missing.length === 0) return [];
  return [
    `The target's machine has no extension ${nameList(missing)}. Install its package there first; all that needs it fails.`,
  ];
}

async function missingTablespaces(session: Session, entries: readonly TocEntry[]): Promise<string[]> {
  const wanted = [...new Set(entries.flatMap(({ tablespace }) => tablespace || []))];
  if (wanted.length === 0) return [];
  const rows = await session.query<{ name: string }>(
    "select spcname::text as name from pg_catalog.pg_tablespace where spcname = any ($1::text[])",
    [wanted],
  );
  const known = new Set(rows.map(({ name }) => name));
  const missing = wanted.filter((name) => !known.has(name));
  return missing.length === 0
    ? []
    : [`The target has no tablespace ${nameList(missing)}. What lies there fails until it is created.`];
}

function ages({ serverVersionNum, sourceVersion }: TargetNeeds): string[] {
  const target = Math.floor(serverVersionNum / 10_000);
  const source = Number.parseInt(sourceVersion ?? "", 10);
  if (!(source > target)) return [];
  return [
    `The archive comes from PostgreSQL ${source}, and the target is ${target}. Going back is best effort: what ${target} does not know fails.`,
  ];
}

/** What a database of the archive's locale would lack on this server, as sentences. */
export async function findLocaleLacks(session: Session, locale: DatabaseLocale): Promise<string[]> {
  const warnings: string[] = [];
  const major = Math.floor(session.serverVersionNum / 10_000);
  if (locale.encoding === null)
    warnings.push("The archive does not say the source's encoding and locale; the server's own are used.");
  if (locale.provider !== null && locale.provider !== "libc" && !providerFits(locale, major))
    warnings.push(`PostgreSQL ${major} has no ${locale.provider} locales for databases; text may sort differently.`);
  // C and POSIX are part of every server. Systems spell the others differently: en_US.UTF-8, en_US.utf8.
  const names = [locale.collate, locale.ctype].filter((name) => name !== null && !/^(C|POSIX)$/.test(name));
  if (names.length === 0) return warnings;
  const rows = await session.query<{ name: string }>(
    `select distinct pg_catalog.lower(pg_catalog.replace(name, '-', '')) as name from (
       select collcollate as name from pg_catalog.pg_collation union all
       select datcollate from pg_catalog.pg_database union all select datctype from pg_catalog.pg_database) known
     where name is not null`,
  );
  const known = new Set(rows.map(({ name }) => name));
  const missing = [...new Set(names)].filter((name) => !known.has((name ?? "").toLowerCase().replaceAll("-", "")));
  if (missing.length > 0)
    warnings.push(
      `The target's machine may not have the locale ${missing.join(", ")}; where it has not, its own is used and text may sort differently.`,
    );
  return warnings;
}

function nameList(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => formatName(null, name));
  return names.length > 10 ? `${shown.join(", ")} and ${names.length - 10} more` : shown.join(", ");
}
