import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identifier, literal, oddDatabaseNames, oddNames } from "./odd-names.ts";
import type { TestServer } from "./servers.ts";

export { identifier, literal, oddDatabaseNames, oddNames };

/**
 * Makes a database of its own, whose name is odd too, in which every odd name is the name of:
 * a schema with a table and column of that name and two rows; in schema "odd parts" of a column, index, check, trigger
 * and policy of table `t<n>`; in "odd sequences" of a sequence; in "odd types" of an enum with a value of that name; in
 * "odd functions" of a function; of a role that owns and is granted things. Comments repeat the name.
 *
 * @returns the database's name
 */
export async function seedOddNames(server: TestServer, database = oddDatabaseNames[3] ?? ""): Promise<string> {
  await createDatabase(server, database);
  const statements = [
    "set local client_min_messages = warning",
    'create schema "odd parts"; create schema "odd sequences"; create schema "odd types"; create schema "odd functions"',
    `create function public.touch() returns trigger language plpgsql as 'begin return new; end'`,
  ];
  for (const [index, name] of oddNames.entries()) {
    const id = identifier(name);
    const text = literal(name);
    const table = `"odd parts".t${index}`;
    statements.push(
      `do $do$ begin if not exists (select from pg_roles where rolname = ${text}) then create role ${id}; end if; end $do$`,
      `comment on role ${id} is ${text}`,
      `create schema ${id}; comment on schema ${id} is ${text}; grant usage on schema ${id} to ${id}`,
      `create table ${id}.${id} (id integer primary key, ${id} text default ${text}); comment on table ${id}.${id} is ${text}`,
      `insert into ${id}.${id} values (1, default), (2, null); grant select on ${id}.${id} to ${id}`,
      `create table ${table} (id integer generated always as identity primary key, ${id} text, constraint ${id} check (${id} <> ''))`,
      `insert into ${table} (${id}) values (${text}), (null)`,
      `create index ${id} on ${table} (${id}); comment on column ${table}.${id} is ${text}`,
      `create trigger ${id} before insert on ${table} for each row execute function public.touch(${text})`,
      `create policy ${id} on ${table} to ${id} using (${id} = ${text}); alter table ${table} owner to ${id}`,
      `create sequence "odd sequences".${id} start ${index + 1}; select nextval('"odd sequences".' || quote_ident(${text}))`,
      `create type "odd types".${id} as enum (${text}, 'other')`,
      `create function "odd functions".${id}(${id} text default ${text}) returns text language sql as ${literal(`select ${text}`)}`,
      `create view "odd functions".${id} as select t.${id} from ${id}.${id} t`,
    );
  }
  await server.run(`${statements.join(";\n")};`, database);
  return database;
}

/**
 * Makes a database with one of nearly every object and value (test/fixtures/sql/types-and-objects.sql), valid for 13 to
 * 18; newer servers get their newer features too.
 */
export async function seedTypesAndObjects(server: TestServer, database = "objects"): Promise<string> {
  await createDatabase(server, database);
  const file = join(import.meta.dirname, "..", "fixtures", "sql", "types-and-objects.sql");
  await server.run(readFileSync(file, "utf8"), database);
  return database;
}

/**
 * Makes a database of about `sizeMb` megabytes on disk for benches: customers, orders, events (narrow rows, the most of
 * them), docs (text of some kilobytes, stored outside the row) and media (bytea that does not compress). Keys and a few
 * indexes; deterministic. About 20 s a gigabyte.
 */
export async function bigDatabase(server: TestServer, sizeMb: number, database = `big_${sizeMb}`): Promise<string> {
  await createDatabase(server, database);
  const rows = (perMb: number) => Math.max(1, Math.round(perMb * sizeMb));
  await server.run(
    `set local synchronous_commit = off;
    create table customers (id integer not null, name text not null, email text, address jsonb, created_at timestamptz);
    create table orders (id bigint not null, customer_id integer not null, status text, total numeric(12,2), placed_at timestamptz, note text);
    create table events (id bigint not null, order_id bigint, kind smallint, at timestamptz, payload text);
    create table docs (id integer not null, title text, body text);
    create table media (id integer not null, name text, content bytea);
    alter table media alter column content set storage external;
    insert into customers select g, 'Customer ' || md5(g::text), 'c' || g || '@example.com', jsonb_build_object('city', md5((g % 900)::text), 'zip', g % 99999), timestamptz '2020-01-01 00:00+00' + g * interval '7 min' from generate_series(1, ${rows(300)}) g;
    insert into orders select g, 1 + g % ${rows(300)}, (array['new','paid','sent','done'])[1 + g % 4], (g::bigint * 7919 % 100000) / 100.0, timestamptz '2021-01-01 00:00+00' + g * interval '1 min', case when g % 5 = 0 then 'note ' || md5(g::text) end from generate_series(1, ${rows(1500)}) g;
    insert into events select g, 1 + g % ${rows(1500)}, g % 17, timestamptz '2021-01-01 00:00+00' + g * interval '13 sec', 'event ' || g || ' of kind ' || g % 17 from generate_series(1, ${rows(4500)}) g;
    insert into docs select g, 'Document ' || g, (select string_agg(md5((g * 100 + p)::text) || ' lorem ipsum dolor sit amet ' || p, e'\\n') from generate_series(1, 60) p) from generate_series(1, ${rows(40)}) g;
    insert into media select g, 'file ' || g, (select string_agg(sha512((g || '.' || p)::text::bytea), '' order by p) from generate_series(1, 400) p) from generate_series(1, ${rows(7)}) g;
    alter table customers add primary key (id);
    alter table orders add primary key (id), add foreign key (customer_id) references customers;
    alter table events add primary key (id);
    alter table docs add primary key (id);
    alter table media add primary key (id);
    create index orders_customer_id_idx on orders (customer_id);
    analyze;`,
    database,
  );
  return database;
}

/**
 * Makes a database of `count` small tables, each with a serial column, a primary key and an index: three archive entries
 * and more a table. Committed in slices, since every table takes locks. 20,000 tables take about a minute.
 */
export async function manyTables(server: TestServer, count: number, database = `tables_${count}`): Promise<string> {
  await createDatabase(server, database);
  const slice = 500;
  for (let first = 1; first <= count; first += slice) {
    const last = Math.min(count, first + slice - 1);
    // One slice after another: they share the catalog's locks.
    // oxlint-disable-next-line no-await-in-loop
    await server.run(
      `do $$ begin
        for n in ${first} .. ${last} loop
          execute format('create table table_%s (id serial primary key, name text not null, amount numeric(10,2))', n);
          execute format('create index table_%s_name_idx on table_%s (name)', n, n);
        end loop;
      end $$`,
      database,
    );
  }
  return database;
}

/** Makes an empty database from template0, any name. */
export async function createDatabase(server: TestServer, database: string): Promise<void> {
  await server.run(`create database ${identifier(database)} template template0`);
}
