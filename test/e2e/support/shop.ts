import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { clientTool } from "../../helpers/clients.ts";
import { createDatabase } from "../../helpers/seed.ts";
import type { TestServer } from "../../helpers/servers.ts";

/** Makes a database such as a small shop has: tables with keys between them, a view, a type, a function, a second schema. */
export async function seedShop(server: TestServer, database: string, orders = 600): Promise<void> {
  await createDatabase(server, database);
  await server.run(
    `create schema audit;
    create type order_status as enum ('new', 'paid', 'shipped', 'cancelled');
    create table customers (id serial primary key, name text not null, email text unique);
    create table products (id serial primary key, sku text not null unique, price numeric(10,2) not null);
    create table orders (id serial primary key, customer_id integer not null references customers, status order_status not null,
      total numeric(10,2) not null, placed_at timestamptz not null, note text);
    create table order_items (order_id integer references orders on delete cascade, line integer, product_id integer references products,
      quantity integer not null check (quantity > 0), primary key (order_id, line));
    create table coupons (code text primary key, percent integer not null);
    create table audit.log (id bigserial primary key, at timestamptz not null, what text);
    create index orders_placed_at on orders (placed_at);
    create view busy_customers as select customer_id, count(*) from orders group by 1 having count(*) > 2;
    create function discount(price numeric, percent integer) returns numeric language sql immutable as 'select round(price * (100 - percent) / 100, 2)';
    insert into customers (name, email) select 'Customer ' || g, 'c' || g || '@example.com' from generate_series(1, 40) g;
    insert into products (sku, price) select 'SKU-' || g, g * 3.5 from generate_series(1, 25) g;
    insert into orders (customer_id, status, total, placed_at, note)
      select 1 + g % 40, (enum_range(null::order_status))[1 + g % 4], g * 1.25, timestamptz '2026-11-01 08:00+00' + g * interval '17 min',
        case when g % 7 = 0 then 'Leave it with the neighbour' end from generate_series(1, ${orders}) g;
    insert into order_items select o.id, l, 1 + (o.id * l) % 25, 1 + l from orders o, generate_series(1, 3) l;
    insert into coupons values ('SAIL10', 10), ('ANCHOR5', 5);
    insert into audit.log (at, what) select timestamptz '2026-11-01 08:00+00' + g * interval '1 h', 'login' from generate_series(1, 50) g;`,
    database,
  );
}

/** An archive as somebody else's pg_dump makes it: nothing of ours beside it. */
export function dumpElsewhere(server: TestServer, database: string, folder: string, name: string): string {
  const path = join(folder, name);
  const tool = clientTool(15, "pg_dump");
  if (tool === null) throw new Error("pg_dump 15 is not here: see test/README.md");
  execFileSync(tool, ["--format=custom", `--file=${path}`, `--dbname=${server.url(database)}`], {
    env: { PATH: process.env["PATH"] ?? "" },
    stdio: "pipe",
  });
  return path;
}
