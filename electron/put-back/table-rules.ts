import { type PutBackTable, quoteTable } from "../../shared/put-back/put-back-sql.ts";
import type { Session } from "../postgres/connect.ts";

/** What happens in the server beside the rows themselves. */
export interface TableRules {
  /** Triggers that a person made and that fire on INSERT or UPDATE. */
  readonly triggers: readonly string[];
  readonly rules: readonly string[];
  /** Sequences that feed columns; `isOurs`: the role may read and move it. */
  readonly sequences: readonly { readonly column: string; readonly sequence: string; readonly isOurs: boolean }[];
}

/** @param session prepared (compare/live-table.ts) */
export async function readTableRules(session: Session, oid: number, table: PutBackTable): Promise<TableRules> {
  // INSERT is bit 4 and UPDATE bit 16 of tgtype (pg_trigger.h).
  const triggers = await session.query<{ name: string }>(
    `select t.tgname as name from pg_catalog.pg_trigger t
     where t.tgrelid = $1 and not t.tgisinternal and t.tgenabled <> 'D' and t.tgtype & 20 <> 0 order by t.tgname`,
    [oid],
  );
  const rules = await session.query<{ name: string }>(
    "select r.rulename as name from pg_catalog.pg_rewrite r where r.ev_class = $1 and r.ev_type in ('2', '3') order by r.rulename",
    [oid],
  );
  const sequences = await session.query<{ column: string; sequence: string; isOurs: boolean }>(
    `select f.attname as column, f.sequence,
            pg_catalog.has_sequence_privilege(f.sequence, 'SELECT') and pg_catalog.has_sequence_privilege(f.sequence, 'UPDATE')
              as "isOurs"
     from (select a.attname, pg_catalog.pg_get_serial_sequence($2, a.attname) as sequence
           from pg_catalog.pg_attribute a where a.attrelid = $1 and a.attnum > 0 and not a.attisdropped) f
     where f.sequence is not null`,
    [oid, quoteTable(table)],
  );
  const names = new Set(table.columns.map(({ name }) => name));
  return {
    triggers: triggers.map(({ name }) => name),
    rules: rules.map(({ name }) => name),
    sequences: sequences.filter(({ column }) => names.has(column)),
  };
}
