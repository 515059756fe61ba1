import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import {
  countViews,
  findChoices,
  groupExceptions,
  listExceptions,
  totalExceptions,
  totalsWithin,
} from "@/lib/exceptions/data";
import type { ExceptionScope } from "@/lib/exceptions/filter";
import { makeEntity, makeUser } from "@/lib/exceptions/fixtures";
import { countOf, ExceptionQuery, exceptionGroups, MANY } from "@/lib/exceptions/schema";
import { foldExceptionCells } from "@/lib/matching/exception-tally";

/** How long one question took, in milliseconds over all its repeats, and how many rows it answered. */
export type Asked = Readonly<{ question: string; rows: number; p50: number; p95: number }>;

export type QueueMeasured = Readonly<{
  exceptions: number;
  open: number;
  repeats: number;
  madeSeconds: number;
  asked: readonly Asked[];
  /** groupings whose counts or sums are not those of the filter */
  wrong: readonly string[];
}>;

export const QUEUE_ENTITY = "QUEUE";
const TODAY = "2026-11-05";

/**
 * Makes exceptions in one statement: 12 causes, 8 shops, 390 days and 480 root causes, each independent of the others. As in real
 * books a cause has its team and a shop its channel and currency; each tenth is finished, each seventh taken (a third of these waits),
 * each has an item.
 */
async function makeExceptions(pool: pg.Pool, count: number, seed: number, userId: string): Promise<number> {
  const started = performance.now();
  await pool.query(
    `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, order_reference, order_source_id, document_number,
       document_kind, signature, state, bucket, severity, owner_team, assignee_id, due, escalated_at, currency, period, net, tax, gross,
       amounts, explanation, evidence, resolution, first_seen_at, last_seen_at, shop_id, channel, business_day,
       waiting_on, waiting_until)
     SELECT md5('o' || n)::uuid, md5('e' || n)::uuid, md5('e' || n)::uuid, $2, 'cause-' || c, (100000000 + n)::text,
       (500000000 + n)::text, 'SI-' || (700000 + n), 'sale', 's' || (r % 40),
       CASE WHEN r % 10 = 0 THEN 'resolved' WHEN r % 21 = 0 THEN 'waiting' WHEN r % 7 = 0 THEN 'assigned' ELSE 'new' END, 'open', 'medium',
       CASE WHEN c % 3 = 0 THEN 'operations' ELSE 'finance' END,
       CASE WHEN r % 10 <> 0 AND r % 7 = 0 AND r % 2 = 1 THEN $3::uuid END,
       d + 5 + (r % 9)::int, CASE WHEN r % 10 <> 0 AND r % 50 = 3 THEN d + interval '15 days' END,
       CASE WHEN s = 5 THEN 'GBP' ELSE 'EUR' END, to_char(d, 'YYYY-MM'),
       0, a, a, jsonb_build_array(jsonb_build_object('period', to_char(d, 'YYYY-MM'), 'net', '0', 'tax', a::text, 'gross', a::text)),
       'The ERP taxed line ' || (r % 9) || ' of order ' || (100000000 + n) || ' at ' || (r % 25) || ' %, SCAYLE at 19 %.',
       jsonb_build_object(
         'lines', jsonb_build_array(jsonb_build_object('sku', 'SKU-' || (10000 + r % 5000), 'label', 'Shirt no. ' || (r % 5000))),
         'documents', jsonb_build_array(jsonb_build_object('side', 'erp', 'kind', 'sale', 'number', 'CM-' || (300000 + n), 'postingDay', d::text))),
       'Set the tax code.', d + interval '30 hours', d + interval '30 hours', 'ms/' || s, CASE WHEN s > 5 THEN 'market-' || s ELSE 'own' END, d,
       CASE WHEN r % 10 <> 0 AND r % 21 = 0 THEN 'the carrier' END, CASE WHEN r % 10 <> 0 AND r % 21 = 0 THEN '${TODAY}'::date + 3 END
     FROM (SELECT n, h % 12 AS c, h / 12 % 8 AS s, h / 37440 AS r, '${TODAY}'::date - (h / 96 % 390)::int AS d,
                  (h / 37440 / 6300 % 20001) - 10000 AS a
             FROM (SELECT n, abs(hashint8extended(n, $4)) AS h FROM generate_series(1, $1::bigint) n) numbered) rolled`,
    [count, QUEUE_ENTITY, userId, seed],
  );
  // Summed in pieces, as a reconciliation sums its slices.
  for (let from = 1; from <= count; from += 50_000) {
    await pool.query(
      "SELECT count_exceptions(ARRAY(SELECT md5('o' || n)::uuid FROM generate_series($1::bigint, $2::bigint) n))",
      [from, Math.min(count, from + 49_999)],
    );
  }
  await inTransaction(pool, (client) => foldExceptionCells(client, QUEUE_ENTITY));
  for (const table of ["exception", "exception_counted", "exception_cell"])
    await pool.query(`VACUUM ANALYZE ${table}`);
  return (performance.now() - started) / 1000;
}

/** An entity with so many exceptions, and somebody of operations who works there. */
export async function fillQueue(
  pool: pg.Pool,
  { exceptions, seed }: Readonly<{ exceptions: number; seed: number }>,
) {
  await makeEntity(pool, QUEUE_ENTITY);
  const operator = await makeUser(pool, "operations", null);
  await pool.query("INSERT INTO team_member (team_id, user_id) VALUES ('operations', $1)", [operator.id]);
  return { operator, madeSeconds: await makeExceptions(pool, exceptions, seed, operator.id) };
}

/** Every question that the page asks, for each of its filters and groupings. */
const filters: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ["no filter", {}],
  ["sorted by value", { sort: "-value" }],
  ["sorted by age", { sort: "-age" }],
  ["sorted by gross", { sort: "-gross" }],
  ["cause", { cause: "cause-3" }],
  ["state", { state: "assigned" }],
  ["what waits", { state: "waiting" }],
  ["to act on, and waiting", { state: "open" }],
  ["all states", { state: "all" }],
  ["owner", { owner: "operations" }],
  ["assignee: me", { assignee: "me" }],
  ["assignee: nobody", { assignee: "none" }],
  ["shop", { shop: "ms/3" }],
  ["overdue", { due: "overdue" }],
  ["escalated", { due: "escalated" }],
  ["my team", { team: "mine" }],
  ["new since yesterday", { since: "yesterday" }],
  ["age 4-7", { age: "4-7" }],
  ["age over 90", { age: "over-90" }],
  ["channel", { channel: "market-7" }],
  ["channel and age", { channel: "market-7", age: "31-60" }],
  ["currency", { currency: "GBP" }],
  ["amount from 99", { amountFrom: "99" }],
  ["amount from 5", { amountFrom: "5" }],
  ["amount of one", { amountFrom: "77.31", amountTo: "77.31" }],
  ["amount and cause, by value", { amountFrom: "90", cause: "cause-3", sort: "-value" }],
  ["amount and month", { amountFrom: "99", period: "2026-09" }],
  ["due today", { due: "today" }],
  ["due this week", { due: "week" }],
  ["due in a month", { dueFrom: "2026-10-01", dueTo: "2026-10-31" }],
  ["mentions me", { mention: "me" }],
  ["acceptance asked", { approval: "asked" }],
  ["month", { period: "2026-09" }],
  ["month, by value", { period: "2026-09", sort: "-value" }],
  ["owner and cause", { owner: "finance", cause: "cause-4" }],
  ["cause and age", { cause: "cause-3", age: "8-30" }],
  ["shop, overdue", { shop: "ms/3", due: "overdue" }],
  ["search: one order", { q: "100004711" }],
  ["search: two words", { q: "100004 market" }],
  ["search: a common word", { q: "taxed" }],
  ["search: an item", { q: "SKU-12345" }],
  ["search: a document of the evidence", { q: "CM-304711" }],
  ["search: a channel", { q: "market-7" }],
  ["search: item and month", { q: "SKU-12345", period: "2026-09" }],
];

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;

/** Reads on for so many pages, as one who scrolls does, and gives the question for the page after them. */
async function pageAfter(
  scope: ExceptionScope,
  query: ExceptionQuery,
  pages: number,
): Promise<() => Promise<number>> {
  let after: string | undefined;
  for (let at = 0; at < pages; at++)
    after = (await listExceptions(scope, { ...query, after })).next ?? undefined;
  return async () => (await listExceptions(scope, { ...query, after })).rows.length;
}

/** First page, totals of each filter, each grouping and the counts of the views over so many exceptions. */
export async function measureQueue(
  pool: pg.Pool,
  { exceptions, repeats, seed }: Readonly<{ exceptions: number; repeats: number; seed: number }>,
): Promise<QueueMeasured> {
  const { operator, madeSeconds } = await fillQueue(pool, { exceptions, seed });
  return { exceptions, repeats, madeSeconds, ...(await askQueue(operator.id, repeats)) };
}

/** The questions themselves, of a queue that is filled already. */
export async function askQueue(
  actorId: string,
  repeats: number,
): Promise<Pick<QueueMeasured, "open" | "asked" | "wrong">> {
  const scope: ExceptionScope = { entityIds: [QUEUE_ENTITY], actorId, today: TODAY };
  const asked: Asked[] = [];
  const ask = async (question: string, run: () => Promise<number>) => {
    let rows = await run();
    const took: number[] = [];
    for (let at = 0; at < repeats; at++) {
      const started = performance.now();
      rows = await run();
      took.push(performance.now() - started);
    }
    took.sort((a, b) => a - b);
    asked.push({ question, rows, p50: quantile(took, 0.5), p95: quantile(took, 0.95) });
  };
  for (const [name, filter] of filters) {
    const query = ExceptionQuery.parse({ ...filter, entity: QUEUE_ENTITY });
    await ask(`first page, ${name}`, async () => (await listExceptions(scope, query)).rows.length);
    if (!filter["sort"])
      await ask(`totals, ${name}`, async () => countOf((await totalsWithin(scope, query, MANY)).totals));
  }
  // Each grouping of what is filtered by one of them, too, and of each filter's own group that is opened.
  for (const group of exceptionGroups) {
    for (const [name, filter] of [
      ["cause", { cause: "cause-3" }],
      ["channel", { channel: "market-7" }],
      ["month", { period: "2026-09" }],
      ["overdue", { due: "overdue" }],
      ["amount from 99", { amountFrom: "99" }],
      ["amount from 5", { amountFrom: "5" }],
      ["one item", { q: "SKU-12345" }],
    ] as const) {
      const query = ExceptionQuery.parse({ ...filter, entity: QUEUE_ENTITY });
      await ask(
        `grouped by ${group}, ${name}`,
        async () => (await groupExceptions(scope, query, group)).length,
      );
    }
  }
  const query = ExceptionQuery.parse({ entity: QUEUE_ENTITY });
  await ask("a page after 50,000 rows", await pageAfter(scope, query, 1000));
  await ask(
    "a page after 50,000 rows, of all states",
    await pageAfter(scope, { ...query, state: "all" }, 1000),
  );
  await ask(
    "what the filters can be set to",
    async () => (await findChoices(scope, QUEUE_ENTITY)).causes.length,
  );
  await ask("counts of the views", async () => (await countViews(scope, query)).act);
  const whole = await totalExceptions(scope, query);
  const wrong: string[] = [];
  for (const group of exceptionGroups) {
    await ask(`grouped by ${group}`, async () => (await groupExceptions(scope, query, group)).length);
    const groups = await groupExceptions(scope, query, group);
    for (const { currency, count, gross } of whole) {
      const its = groups.flatMap(({ totals }) => totals.filter((total) => total.currency === currency));
      const sums = [
        its.reduce((sum, one) => sum + one.count, 0),
        its.reduce((sum, one) => sum + one.gross, 0n),
      ];
      if (sums[0] !== count || sums[1] !== gross) wrong.push(`${group} ${currency}`);
    }
  }
  return { open: countOf(whole), asked, wrong };
}
