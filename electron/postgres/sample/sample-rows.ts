/**
 * The shop's rows, made inside the server by arithmetic on row numbers: the same on every machine and every time, and
 * nothing to ship. Some 50,000 orders with 200,000 lines of 12,000 customers and 600 products, from January 2024 to
 * December 2025.
 *
 * `pg_temp.pick(i, salt, n)` is the dice: 0 to n-1. A multiple of i modulo a prime, squared, modulo another: without the
 * square neighbours would show a pattern; the salt changes the multiplier, since columns that differ by an offset would
 * move in step. All of it stays below 2^63.
 */
export const rows = `
create function pg_temp.pick(i bigint, salt integer, n integer) returns integer language sql immutable as
  'select (((i * (1103515245 + salt * 12820163::bigint) % 2147483647) * (i * (1103515245 + salt * 12820163::bigint) % 2147483647)
    % 2147483629) % n)::integer';

create temporary table nouns (id integer, noun text, category text, parent text, price numeric, grams integer) on commit drop;
insert into nouns values
  (0, 'desk lamp', 'Lamps', 'Lighting', 39.90, 1400),      (1, 'floor lamp', 'Lamps', 'Lighting', 89.00, 5200),
  (2, 'wall light', 'Lamps', 'Lighting', 45.50, 900),      (3, 'lantern', 'Lamps', 'Lighting', 24.90, 700),
  (4, 'candle holder', 'Candles', 'Lighting', 12.90, 350), (5, 'tea light set', 'Candles', 'Lighting', 6.50, 250),
  (6, 'bookcase', 'Storage', 'Furniture', 189.00, 32000),  (7, 'side table', 'Tables', 'Furniture', 74.90, 8200),
  (8, 'coffee table', 'Tables', 'Furniture', 129.00, 17500),(9, 'writing desk', 'Tables', 'Furniture', 249.00, 28500),
  (10, 'dining chair', 'Chairs', 'Furniture', 99.00, 6100),(11, 'stool', 'Chairs', 'Furniture', 49.90, 3600),
  (12, 'rocking chair', 'Chairs', 'Furniture', 219.00, 12800),(13, 'bench', 'Chairs', 'Furniture', 139.00, 14900),
  (14, 'coat rack', 'Storage', 'Furniture', 64.00, 4300),  (15, 'storage box', 'Storage', 'Furniture', 19.90, 1200),
  (16, 'wall shelf', 'Storage', 'Furniture', 34.90, 2500), (17, 'shoe cabinet', 'Storage', 'Furniture', 119.00, 21000),
  (18, 'mug', 'Tableware', 'Kitchen', 9.90, 380),          (19, 'teapot', 'Tableware', 'Kitchen', 34.50, 900),
  (20, 'soup bowl', 'Tableware', 'Kitchen', 11.50, 520),   (21, 'dinner plate', 'Tableware', 'Kitchen', 13.90, 610),
  (22, 'carafe', 'Tableware', 'Kitchen', 22.00, 780),      (23, 'chopping board', 'Cooking', 'Kitchen', 27.90, 1500),
  (24, 'frying pan', 'Cooking', 'Kitchen', 54.90, 1900),   (25, 'saucepan', 'Cooking', 'Kitchen', 44.90, 1700),
  (26, 'pepper mill', 'Cooking', 'Kitchen', 26.50, 420),   (27, 'bread bin', 'Cooking', 'Kitchen', 39.00, 2200),
  (28, 'kitchen scale', 'Cooking', 'Kitchen', 29.90, 900), (29, 'apron', 'Linen', 'Textiles', 18.90, 240),
  (30, 'tea towel', 'Linen', 'Textiles', 7.90, 90),        (31, 'tablecloth', 'Linen', 'Textiles', 36.90, 650),
  (32, 'cushion', 'Bedding', 'Textiles', 24.90, 700),      (33, 'blanket', 'Bedding', 'Textiles', 59.00, 1300),
  (34, 'duvet cover', 'Bedding', 'Textiles', 69.90, 1100), (35, 'bath towel', 'Linen', 'Textiles', 16.90, 480),
  (36, 'flower pot', 'Balcony', 'Garden', 14.50, 1300),    (37, 'watering can', 'Balcony', 'Garden', 21.90, 800),
  (38, 'bird feeder', 'Balcony', 'Garden', 17.90, 600),    (39, 'hammock', 'Balcony', 'Garden', 79.00, 2100);

insert into categories (category_id, parent_id, name)
  select row_number() over (order by parent), null, parent from (select distinct parent from nouns) p;
insert into categories (category_id, parent_id, name)
  select 100 + row_number() over (order by category), (select category_id from categories where name = parent), category
  from (select distinct category, parent from nouns) c;
select setval(pg_get_serial_sequence('categories', 'category_id'), 200);

insert into products (product_id, sku, name, category_id, price, weight_grams, attributes, sizes_cm, swatch, discontinued)
select i, upper(left(replace(noun, ' ', ''), 3)) || '-' || lpad(i::text, 4, '0'),
  initcap(left(finish, 1)) || substr(finish, 2) || ' ' || noun,
  (select category_id from categories where name = category),
  round(price * (90 + pick_price) / 100 / 0.05) * 0.05, grams + pg_temp.pick(i, 2, 40) * 5,
  jsonb_build_object('finish', finish, 'warranty_years', 1 + pg_temp.pick(i, 3, 5), 'fragile', pg_temp.pick(i, 4, 4) = 0,
    'made_in', (array['Portugal', 'Poland', 'Italy', 'Denmark', 'Japan', 'Germany', 'Lithuania'])[1 + pg_temp.pick(i, 5, 7)]),
  array[10 + pg_temp.pick(i, 6, 90), 10 + pg_temp.pick(i, 7, 90), 5 + pg_temp.pick(i, 8, 60)],
  case when pg_temp.pick(i, 9, 10) > 0 then decode(repeat(md5(finish), 4), 'hex') end,
  pg_temp.pick(i, 10, 12) = 0
from (
  select n.id * 15 + f.id as i, n.*, f.finish, pg_temp.pick(n.id * 15 + f.id, 1, 35) as pick_price
  from nouns n
  cross join (select ordinality::integer as id, finish from unnest(array['oak', 'walnut', 'birch', 'black', 'white',
    'sea green', 'terracotta', 'brass', 'copper', 'linen', 'slate', 'mustard', 'dusty pink', 'navy', 'striped'])
    with ordinality as f (finish, ordinality)) f
) p;
select setval('products_product_id_seq', 600);

insert into customers (email, name, address, birthday, preferences, tags, created_at)
select lower(translate(first || '.' || last, 'áäéèíñóöøôúüßłçåêÉÓÖŁ ''', 'aaeeinoooouuslcaeeool_')) || i || '@' ||
    (array['example.com', 'example.org', 'mail.example', 'post.example'])[1 + pg_temp.pick(i, 24, 4)],
  first || ' ' || last, row (street, postcode, city, country)::postal_address,
  case when pg_temp.pick(i, 25, 5) > 0 then date '1945-03-01' + pg_temp.pick(i, 26, 22000) end,
  jsonb_build_object('newsletter', pg_temp.pick(i, 27, 3) = 0, 'language', case country when 'AT' then 'de' when 'CH' then 'de' when 'DK' then 'da' else lower(country) end,
    'channels', case pg_temp.pick(i, 28, 3) when 0 then '["email"]' when 1 then '["email", "phone"]' else '[]' end::jsonb),
  case when pg_temp.pick(i, 29, 9) = 0 then array['regular', 'invoice'] when pg_temp.pick(i, 29, 9) = 1 then array['trade, "B2B"'] else '{}' end,
  timestamptz '2023-11-01 08:00:00+00' + i * interval '93 minutes' + pg_temp.pick(i, 30, 3600) * interval '1 second'
from (
  select i, firsts[1 + pg_temp.pick(i, 20, cardinality(firsts))] as first, lasts[1 + pg_temp.pick(i, 21, cardinality(lasts))] as last,
    streets[1 + pg_temp.pick(i, 22, cardinality(streets))] || ' ' || 1 + pg_temp.pick(i, 31, 180) as street,
    split_part(place, '|', 1) || lpad((pg_temp.pick(i, 32, 900) + 100)::text, 3, '0') as postcode,
    split_part(place, '|', 2) as city, split_part(place, '|', 3) as country
  from generate_series(1, 12000) i,
    (select array['Ada', 'Björn', 'Carla', 'Daan', 'Élise', 'Farid', 'Greta', 'Hugo', 'Inês', 'Jan', 'Karin', 'Lea', 'Marek',
        'Nora', 'Óscar', 'Paula', 'Quentin', 'Rosa', 'Søren', 'Tove', 'Ursula', 'Víctor', 'Wanda', 'Yusuf', 'Zofia', 'Amira'] as firsts,
      array['Almeida', 'Berg', 'Costa', 'De Vries', 'Eriksen', 'Fischer', 'García', 'Hansen', 'Ivanova', 'Jansen', 'Kowalski',
        'Łukasik', 'Moreau', 'Nowak', 'O''Brien', 'Petrov', 'Rossi', 'Schäfer', 'Sørensen', 'Tanaka', 'Weiß', 'Öztürk'] as lasts,
      array['Harbour Street', 'Mill Lane', 'Rua do Sol', 'Lindenallee', 'Rue des Lilas', 'Kerkstraat', 'Via Roma', 'Storgata',
        'Calle Mayor', 'Ulica Długa', 'Am Markt', 'Station Road'] as streets,
      array['20|Hamburg|DE', '10|Berlin|DE', '50|Köln|DE', '80|München|DE', '10|Amsterdam|NL', '30|Utrecht|NL', '75|Paris|FR',
        '69|Lyon|FR', '11|Lisboa|PT', '41|Porto|PT', '28|Madrid|ES', '08|Barcelona|ES', '00|Roma|IT', '20|Milano|IT',
        '21|København|DK', '80|Aarhus|DK', '00|Warszawa|PL', '30|Kraków|PL', '11|Wien|AT', '80|Zürich|CH'] as places) words,
    lateral (select places[1 + pg_temp.pick(i, 23, cardinality(places))] as place) chosen
) c
order by i;

insert into order_lines (order_id, line_number, product_id, quantity, unit_price, discount_percent)
select order_id, line, p.product_id, 1 + pg_temp.pick(i, 41, 10) / 4 + pg_temp.pick(i, 42, 40) / 39 * 6, p.price,
  case when pg_temp.pick(i, 43, 11) = 0 then 10 when pg_temp.pick(i, 43, 11) = 1 then 25 else 0 end
from (
  select order_id, line, (order_id - 100000) * 7 + line as i
  from generate_series(100001, 150000) order_id, generate_series(1, 1 + pg_temp.pick(order_id - 100000, 40, 7)) line
) l
-- twelve products sell best, as everywhere
join products p on p.product_id = case when pg_temp.pick(i, 44, 4) = 0 then 17 + pg_temp.pick(i, 45, 12) * 48 else 1 + pg_temp.pick(i, 46, 600) end;

insert into orders (order_id, customer_id, status, placed_at, shipped_at, ship_to, total, payment, note)
select 100000 + i, customer_id, status::order_status, placed_at,
  case when status in ('shipped', 'delivered', 'returned') then placed_at + (6 + pg_temp.pick(i, 53, 90)) * interval '1 hour' end,
  c.address, t.total,
  case when status in ('new', 'cancelled') then '{}' else jsonb_build_object('method', method, 'reference',
    upper(substr(md5(i::text), 1, 10)), 'fee', case method when 'card' then round(t.total * 0.014, 2) else 0 end) end,
  (array['Please ring twice', 'Leave it with the neighbour', 'Gift: no invoice inside', E'Second floor,\nthe door with the bell',
    'Not before 10:00', E'Code\tA\\12', ''])[case when pg_temp.pick(i, 54, 8) = 0 then 1 + pg_temp.pick(i, 55, 7) end]
from (
  select i, 1 + pg_temp.pick(i, 50, 12000) as customer_id,
    timestamptz '2024-01-01 06:00:00+00' + i * interval '21 minutes' + pg_temp.pick(i, 51, 1200) * interval '1 second' as placed_at,
    case when i > 49700 then (array['new', 'paid', 'packed', 'shipped'])[1 + pg_temp.pick(i, 52, 4)]
      when pg_temp.pick(i, 52, 40) = 0 then 'cancelled' when pg_temp.pick(i, 52, 40) < 3 then 'returned' else 'delivered' end as status,
    (array['card', 'card', 'transfer', 'invoice', 'wallet'])[1 + pg_temp.pick(i, 56, 5)] as method
  from generate_series(1, 50000) i
) o
join customers c using (customer_id)
join (select order_id, sum(amount) as total from order_lines group by order_id) t on t.order_id = 100000 + i
order by i;
select setval(pg_get_serial_sequence('orders', 'order_id'), 150000);

insert into order_events (order_id, happened_at, status, actor)
select order_id, at, step, case step when 'new' then 'webshop' when 'paid' then 'bank' else 'warehouse ' || 1 + order_id % 3 end
from (
  select order_id, placed_at as at, 'new'::order_status as step from orders
  union all
  select order_id, placed_at + interval '20 minutes', 'paid' from orders where status not in ('new', 'cancelled')
  union all
  select order_id, shipped_at, 'shipped' from orders where shipped_at is not null
) e
where at >= '2025-06-01 00:00:00+00'
order by at, order_id, step;

insert into stock (product_id, warehouse, quantity, shelf, counted_on)
select product_id, warehouse, pg_temp.pick(product_id * 3 + position, 60, 250), int4range(product_id % 90, product_id % 90 + 1 + pg_temp.pick(product_id, 61, 4)),
  date '2025-12-01' + pg_temp.pick(product_id, 62, 28)
from products, unnest(array['Hamburg', 'Porto', 'Gdańsk']) with ordinality as w (warehouse, position)
where pg_temp.pick(product_id * 3 + position, 63, 5) > 0;

insert into order_notes (order_id, author, internal, body)
select 100000 + i * 61, 'desk ' || i % 4, i % 3 > 0,
  (array['Called back, all well', 'Wants an invoice to another address', 'Parcel was wet, sent again', 'Asked for "express" → 24 h'])[1 + pg_temp.pick(i, 70, 4)]
from generate_series(1, 800) i;

insert into "Odd; name" values (1, 'plain', 12.5, true), (2, 'with a ; and a "quote"', null, false),
  (3, '', 'NaN', null), (4, null, -0.001, true), (5, E'tab\there, newline\nthere, backslash \\ too', 1e20, false), (6, '日本語 · عربى · 🚣', 0, true);

insert into analytics.daily_visits
select day::date, source, 200 + pg_temp.pick(n * 5 + position, 80, 900), (pg_temp.pick(n * 5 + position, 81, 700) / 1000.0)::real
from generate_series(timestamp '2024-01-01', timestamp '2025-12-31', interval '1 day') with ordinality as d (day, n),
  unnest(array['search', 'direct', 'newsletter', 'social']) with ordinality as s (source, position);

-- Fixed object ids, so that two loads are equal; far above what a fresh cluster hands out.
select lo_from_bytea(900000 + n, convert_to(repeat('Assembly manual ' || n || E': put the long screw into the hole marked A.\n', 400 * n), 'UTF8'))
from generate_series(1, 5) n;
update products set manual = 900000 + product_id / 15 - 5 where product_id in (91, 106, 121, 136, 151);
do $owners$
begin
  for n in 900001 .. 900005 loop execute format('alter large object %s owner to shop_app', n); end loop;
end
$owners$;
`;
