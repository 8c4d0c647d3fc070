import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { TestServer } from "./servers.ts";
import { runClient } from "./table-picture.ts";

const seed = readFileSync(join(import.meta.dirname, "../fixtures/sql/restore-shop.sql"), "utf8");

/** A table of the shop whose name needs every kind of quoting. */
export const oddTable = { schema: "Odd; schema", name: 'Tab"le\n1; x' };

/** The database `shop` with its roles, and its archive in a folder. */
export async function seedShop(server: TestServer, folder: string): Promise<string> {
  await server.run("create role shop_app; create role reader");
  await server.run("create database shop");
  await server.run(seed, "shop");
  return dumpInto(server, "shop", folder);
}

/** An archive of a database, made by pg_dump. */
export function dumpInto(server: TestServer, database: string, folder: string, ...args: readonly string[]): string {
  const path = join(folder, `${server.major}-${Math.random().toString(36).slice(2)}.dump`);
  runClient(server, "pg_dump", ["-Fc", `--file=${path}`, ...args, `--dbname=${database}`]);
  return path;
}
