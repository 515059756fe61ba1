import type pg from "pg";
import { makeEntity } from "@/lib/exceptions/fixtures";
import { openStates } from "@/lib/exceptions/machine";
import { searchOrders } from "@/lib/orders/search";

/** How long searches of one kind took, in milliseconds, and in how many of them the order that was meant was found. */
export type Searched = Readonly<{ kind: string; searches: number; found: number; p50: number; p95: number }>;

export type SearchMeasured = Readonly<{
  orders: number;
  customers: number;
  madeSeconds: number;
  megabytes: number;
  searched: readonly Searched[];
  all: Readonly<{ p50: number; p95: number }>;
}>;

const ENTITY = "LOOKUP";
const CONNECTION = "00000000-0000-0000-0000-00000000c0de";
const HEADS = [
  "an",
  "be",
  "cla",
  "da",
  "em",
  "fe",
  "gre",
  "han",
  "i",
  "jo",
  "kar",
  "le",
  "mi",
  "no",
  "o",
  "pau",
  "quen",
  "ro",
  "so",
  "to",
];
const TAILS = [
  "na",
  "rt",
  "ra",
  "vid",
  "ma",
  "lix",
  "ta",
  "nah",
  "da",
  "nas",
  "la",
  "ne",
  "ria",
  "ah",
  "tis",
  "lo",
  "tin",
  "sa",
  "phi",
  "mas",
];
const ENDS = [
  "bauer",
  "mann",
  "hofer",
  "stein",
  "berg",
  "feld",
  "ner",
  "ler",
  "sen",
  "ski",
  "ov",
  "ard",
  "win",
  "dorf",
  "bach",
  "ling",
  "hart",
  "wald",
  "horn",
  "meister",
];

/** The n-th first and last name: few first names, thousands of last ones, as people have them. */
const firstOf = (n: number): string => `${HEADS[n % 20]}${TAILS[Math.floor(n / 20) % 20]}`;
const lastOf = (n: number): string =>
  `${HEADS[Math.floor(n / 7) % 20]}${TAILS[Math.floor(n / 140) % 20]}${ENDS[Math.floor(n / 2800) % 20]}`;

const list = (words: readonly string[]): string => `ARRAY[${words.map((word) => `'${word}'`).join(",")}]`;
const FIRST = `(${list(HEADS)})[c % 20 + 1] || (${list(TAILS)})[c / 20 % 20 + 1]`;
const LAST = `(${list(HEADS)})[c / 7 % 20 + 1] || (${list(TAILS)})[c / 140 % 20 + 1] || (${list(ENDS)})[c / 2800 % 20 + 1]`;

/** Orders with three names each, an invoice in the ERP, a parcel, and a customer of two and a half orders. */
async function fill(pool: pg.Pool, orders: number, customers: number): Promise<number> {
  const started = performance.now();
  await makeEntity(pool, ENTITY);
  const run = (sql: string) => pool.query(sql, [orders]);
  const key = "md5('o' || n)::uuid";
  await run(
    `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, public_key, currency, content, checked_at,
       placed_at, customer_key)
     SELECT ${key}, '${ENTITY}', '${CONNECTION}', (20000000 + n)::text, 'DE-' || (10000000 + n), 'P' || substr(md5('p' || n), 1, 9), 'EUR',
       '{}', now(), timestamptz '2023-01-01' + n * interval '15 seconds', 'c' || (n % ${customers})
       FROM generate_series(1, $1::bigint) n`,
  );
  await run(
    `INSERT INTO order_alias (order_key, entity_id, alias)
     SELECT ${key}, '${ENTITY}', a FROM generate_series(1, $1::bigint) n,
       LATERAL (VALUES ((20000000 + n)::text), ('de-' || (10000000 + n)), ('p' || substr(md5('p' || n), 1, 9))) v(a)`,
  );
  await run(
    `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, posted, order_known, currency,
       version, content_hash, seen_at)
     SELECT ${key}, md5('d' || n)::uuid, '${ENTITY}', '${CONNECTION}', 'erp', 'sale', n::text, 'PSI-' || (30000000 + n), true, true, 'EUR', 1,
       'h', now() FROM generate_series(1, $1::bigint) n`,
  );
  await run(
    `INSERT INTO order_term (order_key, kind, term, entity_id, stated)
     SELECT ${key}, 'tracking', 'jd' || (400000000 + n), '${ENTITY}', 'JD' || (400000000 + n) FROM generate_series(1, $1::bigint) n`,
  );
  await pool.query(
    `INSERT INTO customer_term (connection_id, customer_key, kind, term)
     SELECT '${CONNECTION}', 'c' || c, t.kind, t.term
       FROM (SELECT c, ${FIRST} AS first, ${LAST} AS last FROM generate_series(0, $1::bigint - 1) c) named,
       LATERAL (VALUES ('name', first), ('name', last), ('name', least(first COLLATE "C", last COLLATE "C") || ' ' || greatest(first COLLATE "C", last COLLATE "C")),
         ('email', first || '.' || last || c || '@example.com'), ('phone', reverse('49170' || (1000000 + c)))) t(kind, term)`,
    [customers],
  );
  await pool.query(
    `INSERT INTO customer_word (word) SELECT DISTINCT term FROM customer_term WHERE kind = 'name' AND term NOT LIKE '% %'`,
  );
  await pool.query(
    `INSERT INTO customer_data (connection_id, customer_key, data)
     SELECT '${CONNECTION}', 'c' || c, jsonb_build_object('customer', jsonb_build_object('firstName', ${FIRST}, 'lastName', ${LAST}))
       FROM generate_series(0, $1::bigint - 1) c`,
    [customers],
  );
  for (const table of [
    "sales_order",
    "order_alias",
    "document",
    "order_term",
    "customer_term",
    "customer_word",
    "customer_data",
  ])
    await pool.query(`VACUUM ANALYZE ${table}`);
  return (performance.now() - started) / 1000;
}

type Question = Readonly<{ kind: string; text: (n: number, c: number) => string }>;

/** What people type of the n-th order and its customer c. */
const questions: readonly Question[] = [
  { kind: "reference", text: (n) => `DE-${10_000_000 + n}` },
  { kind: "reference without its prefix", text: (n) => `${10_000_000 + n}` },
  { kind: "reference, two digits exchanged", text: (n) => `DE-${exchanged(String(10_000_000 + n))}` },
  { kind: "reference, its beginning", text: (n) => `DE-${String(10_000_000 + n).slice(0, 7)}` },
  { kind: "ERP document", text: (n) => `psi ${30_000_000 + n}` },
  { kind: "tracking number", text: (n) => `JD ${400_000_000 + n}` },
  { kind: "e-mail", text: (_, c) => `${firstOf(c)}.${lastOf(c)}${c}@example.com` },
  { kind: "e-mail with a slip", text: (_, c) => `${firstOf(c)}.${lastOf(c)}${c}@exmple.com` },
  { kind: "e-mail, its beginning", text: (_, c) => `${firstOf(c)}.${lastOf(c)}${c}` },
  { kind: "telephone", text: (_, c) => `0170 ${1_000_000 + c}` },
  { kind: "telephone, two digits exchanged", text: (_, c) => `0170 ${exchanged(String(1_000_000 + c))}` },
  { kind: "reference among words", text: (n) => `Order no. DE-${10_000_000 + n}` },
  { kind: "a beginning of very many", text: () => "DE-1" },
  { kind: "first and last name", text: (_, c) => `${firstOf(c)} ${lastOf(c)}` },
  { kind: "last and first name, being typed", text: (_, c) => `${lastOf(c)} ${firstOf(c).slice(0, 3)}` },
  { kind: "both names with slips", text: (_, c) => `${doubled(firstOf(c))} ${lastOf(c).slice(0, -1)}` },
  { kind: "last name with letters exchanged", text: (_, c) => `${firstOf(c)} ${exchanged(lastOf(c))}` },
  { kind: "a last name", text: (_, c) => lastOf(c) },
  { kind: "a common first name", text: (_, c) => firstOf(c) },
  { kind: "nothing there", text: (n) => `zz-${n}-qqq` },
];

const exchanged = (digits: string): string => {
  const at = digits.length - 3;
  return `${digits.slice(0, at)}${digits[at + 1]}${digits[at]}${digits.slice(at + 2)}`;
};
const doubled = (word: string): string => word.slice(0, 2) + word.slice(1);

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;

/** Searches of every kind over so many orders, each for another order, straight from the function that the page calls. */
export async function measureSearch(
  pool: pg.Pool,
  { orders, repeats, seed }: Readonly<{ orders: number; repeats: number; seed: number }>,
): Promise<SearchMeasured> {
  const customers = Math.max(1, Math.floor(orders / 2.5));
  const madeSeconds = await fill(pool, orders, customers);
  const searched: Searched[] = [];
  const every: number[] = [];
  for (const [index, { kind, text }] of questions.entries()) {
    const took: number[] = [];
    let found = 0;
    for (let at = 0; at < repeats; at++) {
      const n = 1 + ((seed * 7_919 + index * 104_729 + at * 15_485_863) % orders);
      const asked = text(n, n % customers);
      const started = performance.now();
      const hits = await searchOrders([ENTITY], asked, openStates);
      took.push(performance.now() - started);
      if (
        kind === "nothing there"
          ? hits.length === 0
          : hits.some((hit) => hit.reference === `DE-${10_000_000 + n}`)
      )
        found++;
    }
    every.push(...took);
    took.sort((a, b) => a - b);
    searched.push({ kind, searches: repeats, found, p50: quantile(took, 0.5), p95: quantile(took, 0.95) });
  }
  every.sort((a, b) => a - b);
  const { rows } = await pool.query<{ megabytes: number }>(
    "SELECT (pg_database_size(current_database()) / 1048576)::int AS megabytes",
  );
  return {
    ...{ orders, customers, madeSeconds, searched, megabytes: rows[0]?.megabytes ?? 0 },
    all: { p50: quantile(every, 0.5), p95: quantile(every, 0.95) },
  };
}
