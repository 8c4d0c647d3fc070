import { quoteConninfoValue } from "./names.ts";

/**
 * A connection that died without a word (a cable, a firewall that forgets) is noticed after three minutes instead of
 * never. libpq takes these only in a connection string.
 */
const KEEPALIVES = "keepalives_idle=60 keepalives_interval=15 keepalives_count=8";

/**
 * `--dbname=dbname='…' …`, to go before every other argument of pg_dump, pg_restore and psql. A bare name would be read
 * as a connection string where it holds `=` or begins with `postgresql://`, and could lead to another server.
 */
export function dbnameArgument(database: string): string {
  return `--dbname=dbname=${quoteConninfoValue(database)} ${KEEPALIVES}`;
}
