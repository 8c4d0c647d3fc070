import type { TocEntry } from "../archive/toc-entry.ts";
import { quoteIdentifier } from "../command/names.ts";

/** Names from one role of the archive to one of the target. */
export type RoleMap = Readonly<Record<string, string>>;

const identifier = String.raw`(?:"(?:[^"]|"")+"|[^\s",;().]+)`;

/** Words that stand where a role's name does and are none. */
const noRoles = new Set(["PUBLIC", "CURRENT_USER", "CURRENT_ROLE", "SESSION_USER"]);

/**
 * Roles that an entry's definition names: grantees and grantors of an ACL or DEFAULT ACL, roles of a POLICY, users of a
 * USER MAPPING. pg_dump writes one statement a line (src/bin/pg_dump/dumputils.c, buildACLCommands):
 * `GRANT SELECT ON TABLE public.orders TO reader;`, `REVOKE ALL ON FUNCTION public.touch() FROM PUBLIC;`,
 * `SET SESSION AUTHORIZATION reader;`, `ALTER DEFAULT PRIVILEGES FOR ROLE postgres IN SCHEMA sales GRANT SELECT ON TABLES  TO reader;`
 */
export function rolesNamedBy(entry: TocEntry): string[] {
  const definition = entry.definition ?? "";
  const found = new Set<string>();
  if (entry.desc === "ACL" || entry.desc === "DEFAULT ACL")
    for (const match of definition.matchAll(roleInGrant)) add(found, match[2] ?? "");
  // Real line (pg_dump 15.18): `CREATE POLICY p2 ON public.orders FOR SELECT TO reader, shop_app USING (true);`
  if (entry.desc === "POLICY") {
    const list = new RegExp(
      String.raw`^CREATE POLICY .*? TO (${identifier}(?:, ${identifier})*) (?:USING|WITH)\b`,
      "s",
    );
    for (const [role] of (list.exec(definition)?.[1] ?? "").matchAll(new RegExp(identifier, "g"))) add(found, role);
  }
  if (entry.desc === "USER MAPPING") {
    const match = new RegExp(String.raw`^CREATE USER MAPPING FOR (${identifier}) `).exec(definition);
    add(found, match?.[1] ?? "");
  }
  return [...found];
}

const anyIdentifier = new RegExp(identifier, "g");

/** Names of policy and table come first, quoted where they hold anything but a word. */
const policyRoles = new RegExp(
  String.raw`^(CREATE POLICY ${identifier} ON (?:${identifier}\.)?${identifier}(?: AS RESTRICTIVE)?(?: FOR [A-Z]+)? TO )(${identifier}(?:, ${identifier})*)(?= USING| WITH|;)`,
);

/** `TO role;`, `TO role WITH GRANT OPTION;`, `FROM role;`, `FOR ROLE role`, `SET SESSION AUTHORIZATION role;` */
const roleInGrant = new RegExp(
  String.raw`( TO (?:GROUP )?| FROM (?:GROUP )?|^SET SESSION AUTHORIZATION |^ALTER DEFAULT PRIVILEGES FOR ROLE )(${identifier})(?= WITH GRANT OPTION;$|;$| IN SCHEMA | GRANT | REVOKE | CASCADE;$| GRANTED BY )`,
  "gm",
);

/**
 * A definition with mapped roles in the place of the archive's: the grants of an ACL or DEFAULT ACL, the roles of a
 * POLICY. Everything else stays byte for byte; other entries are given back as they are.
 */
export function mapRoles(entry: TocEntry, map: RoleMap): string {
  const definition = entry.definition ?? "";
  const mapOne = (role: string): string => {
    const mapped = map[unquote(role)];
    return mapped === undefined || noRoles.has(role) ? role : quoteIdentifier(mapped);
  };
  if (entry.desc === "ACL" || entry.desc === "DEFAULT ACL")
    return definition.replaceAll(roleInGrant, (_, lead: string, role: string) => lead + mapOne(role));
  if (entry.desc !== "POLICY") return definition;
  return definition.replace(
    policyRoles,
    (_, lead: string, roles: string) => lead + roles.replaceAll(anyIdentifier, (role) => mapOne(role)),
  );
}

/**
 * The statement that gives an entry's object to a role; null for what has no owner of its own. Object and kind are read
 * from the DROP statement as pg_restore does (_getObjectDescription in pg_backup_archiver.c): `DROP TABLE public.orders;`
 */
export function buildChangeOwner(entry: TocEntry, role: string): string | null {
  if (!ownedKinds.has(entry.desc)) return null;
  const match = /^DROP ([A-Z].*?);\n?$/s.exec(entry.dropStatement ?? "");
  return match ? `ALTER ${match[1]} OWNER TO ${quoteIdentifier(role)}` : null;
}

/** Kinds that `_getObjectDescription` knows how to give away; constraints, indexes and the like follow their table. */
const ownedKinds = new Set([
  "AGGREGATE",
  "COLLATION",
  "CONVERSION",
  "DOMAIN",
  "EVENT TRIGGER",
  "FOREIGN DATA WRAPPER",
  "FOREIGN TABLE",
  "FUNCTION",
  "MATERIALIZED VIEW",
  "OPERATOR",
  "OPERATOR CLASS",
  "OPERATOR FAMILY",
  "PROCEDURAL LANGUAGE",
  "PROCEDURE",
  "PUBLICATION",
  "SCHEMA",
  "SEQUENCE",
  "SERVER",
  "STATISTICS",
  "SUBSCRIPTION",
  "TABLE",
  "TEXT SEARCH CONFIGURATION",
  "TEXT SEARCH DICTIONARY",
  "TYPE",
  "VIEW",
]);

function add(found: Set<string>, written: string): void {
  if (written !== "" && !noRoles.has(written)) found.add(unquote(written));
}

function unquote(written: string): string {
  return written.startsWith('"') ? written.slice(1, -1).replaceAll('""', '"') : written;
}
