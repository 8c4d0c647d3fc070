import { rows } from "./sample-rows.ts";
import { definitionsAfterRows, definitionsBeforeRows } from "./sample-schema.ts";

/**
 * One script that fills an empty database with the shop, for the simple query protocol, which runs it as one
 * transaction: a load that is cut short leaves nothing but roles. A few seconds.
 */
export const sampleScript = [
  "set local timezone = 'UTC'; set local client_min_messages = warning; set local check_function_bodies = off;",
  "set local work_mem = '64MB'; set local maintenance_work_mem = '128MB'; set local search_path = public;",
  definitionsBeforeRows,
  rows,
  definitionsAfterRows,
  "analyze;",
].join("\n");
