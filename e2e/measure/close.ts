import { randomUUID } from "node:crypto";
import type pg from "pg";
import { findOwners } from "@/lib/close/blockers";
import { countChanged, countOpen, findPeriods, findSummaries } from "@/lib/close/data";
import { findCarried, findMonthDebt, findOpenDebt, findReturning, findTrendOfBooks } from "@/lib/close/debt";
import { findDifferences, findSteps } from "@/lib/close/differences";
import { findCorrections, findJournals } from "@/lib/close/journals";
import { lastEditOf } from "@/lib/close/last-editor";
import { findLate } from "@/lib/close/late";
import { findLockedDocuments, findLockedLines } from "@/lib/close/locked";
import { lockPeriod } from "@/lib/close/locking";
import { findMonths } from "@/lib/close/overview";
import { unexplainedOf } from "@/lib/close/remainder";
import { signPeriod } from "@/lib/close/signing";
import { findPeriod, findSignOffs, isMoving, totalsOf } from "@/lib/close/state";
import { addsUpTo, findByTax } from "@/lib/close/vat";
import { verifyLock } from "@/lib/close/verify-lock";
import { inTransaction } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { makeEntity, makeUser } from "@/lib/exceptions/fixtures";
import { openStates } from "@/lib/exceptions/machine";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import { storeSummaries } from "@/lib/matching/summary";
import type { Asked } from "./queue";

export type CloseMeasured = Readonly<{
  lines: number;
  repeats: number;
  madeSeconds: number;
  /** what the page asks, before and after the month is closed */
  asked: readonly Asked[];
  lockSeconds: number;
  verifySeconds: number;
  locked: number;
  late: number;
  /** what does not hold; empty when all does */
  wrong: readonly string[];
}>;

const ENTITY = "CLOSE";
const MONTH = "2026-10";
const NOW = new Date("2026-11-20T08:00:00Z");

/** Orders of one line a side, each twentieth with a rounding of a cent of tax, as matching leaves them. */
async function makeMonth(pool: pg.Pool, lines: number): Promise<void> {
  const orders = Math.ceil(lines / 2);
  const key = (name: string) => `md5('${name}' || n)::uuid`;
  const run = (sql: string) => pool.query(sql, [orders, ENTITY, MONTH]);
  await run(
    `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, posted, order_known, currency, posting_day,
       version, content_hash, seen_at)
     SELECT ${key("o")}, CASE side WHEN 'scayle' THEN ${key("s")} ELSE ${key("e")} END, $2, md5(side)::uuid, side, 'sale', side || n,
            side || '-' || n, true, true, 'EUR', ($3 || '-10')::date, 1, md5(side || n), '2026-11-01'
       FROM generate_series(1, $1::int) n, unnest(ARRAY['scayle', 'erp']) side`,
  );
  await run(
    `INSERT INTO line (order_key, id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, item_key, quantity, net,
       tax, gross, tax_code, tax_rate, currency, day, period, in_books)
     SELECT ${key("o")}, md5(side || 'l' || n)::uuid, CASE side WHEN 'scayle' THEN ${key("s")} ELSE ${key("e")} END, $2, side, 'sale', 'item',
            'item', '1', 'SKU-' || n % 500, 1, 10000 + (side = 'erp' AND n % 20 = 0)::int, 1900 - (side = 'erp' AND n % 20 = 0)::int, 11900,
            'VAT19', 0.19, 'EUR', ($3 || '-10')::date, $3, true
       FROM generate_series(1, $1::int) n, unnest(ARRAY['scayle', 'erp']) side`,
  );
  await run(
    `INSERT INTO pair (order_key, id, entity_id, document_kind, kind, item_key, currency, period, bucket, scayle_lines, scayle_quantity,
       scayle_net, scayle_tax, scayle_gross, erp_lines, erp_quantity, erp_net, erp_tax, erp_gross, scayle_units, scayle_unknown, erp_unknown)
     SELECT ${key("o")}, ${key("p")}, $2, 'sale', 'item', 'SKU-' || n % 500, 'EUR', $3, CASE n % 20 WHEN 0 THEN 'explained' ELSE 'matched' END,
            1, 1, 10000, 1900, 11900, 1, 1, 10000 + (n % 20 = 0)::int, 1900 - (n % 20 = 0)::int, 11900, 1, 0, 0
       FROM generate_series(1, $1::int) n`,
  );
  await run(
    `INSERT INTO pair_line (order_key, line_id, pair_id, group_key)
     SELECT ${key("o")}, md5(side || 'l' || n)::uuid, ${key("p")}, ${key("o")}
       FROM generate_series(1, $1::int) n, unnest(ARRAY['scayle', 'erp']) side WHERE $2 <> '' AND $3 <> ''`,
  );
  await run(
    `INSERT INTO cause (order_key, id, exception_id, pair_id, entity_id, code, bucket, document_kind, period, currency, net, tax, gross)
     SELECT ${key("o")}, ${key("c")}, ${key("x")}, ${key("p")}, $2, 'rounding', 'explained', 'sale', $3, 'EUR', -1, 1, 0
       FROM generate_series(1, $1::int) n WHERE n % 20 = 0`,
  );
  await tally(pool, "EUR");
  for (const table of ["document", "line", "pair", "pair_line", "cause"])
    await pool.query(`VACUUM ANALYZE ${table}`);
  await summarise(pool);
}

/** The totals that matching keeps, from the rows as they stand. */
async function tally(pool: pg.Pool, currency: string): Promise<void> {
  await pool.query("DELETE FROM tally WHERE entity_id = $1", [ENTITY]);
  await pool.query(
    `INSERT INTO tally (entity_id, period, currency, kind, key, part, count, scayle_lines, scayle_units, scayle_unknown, scayle_net, scayle_tax,
       scayle_gross, erp_lines, erp_unknown, erp_net, erp_tax, erp_gross, net, tax, gross, hash)
     SELECT entity_id, period, currency, 'pair', bucket, 0, count(*), sum(scayle_lines), sum(scayle_units), 0, sum(scayle_net), sum(scayle_tax),
            sum(scayle_gross), sum(erp_lines), 0, sum(erp_net), sum(erp_tax), sum(erp_gross), 0, 0, 0, 0
       FROM pair WHERE entity_id = $1 AND currency = $2 GROUP BY 1, 2, 3, 5
     UNION ALL
     SELECT entity_id, period, currency, 'cause', code, 0, count(*), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, sum(net), sum(tax), sum(gross), 0
       FROM cause WHERE entity_id = $1 AND currency = $2 GROUP BY 1, 2, 3, 5`,
    [ENTITY, currency],
  );
}

const summarise = (pool: pg.Pool) =>
  inTransaction(pool, async (client) => {
    const runId = randomUUID();
    await client.query(
      `INSERT INTO run (id, kind, entity_id, state, started_at, finished_at, actor_name) VALUES ($1, 'reconcile', $2, 'done', $3, $3, 'Measure')`,
      [runId, ENTITY, NOW],
    );
    await storeSummaries(client, {
      entity: { id: ENTITY, currency: "EUR" },
      asOf: NOW,
      runId,
      at: NOW,
      months: null,
    });
  });

/** So many orders get another amount in the ERP after the lock, each with the movement that matching keeps of it. */
async function arriveLate(pool: pg.Pool, count: number, at: Date): Promise<void> {
  await pool.query(
    `UPDATE pair SET erp_gross = erp_gross + 100, erp_net = erp_net + 84, erp_tax = erp_tax + 16
      WHERE entity_id = $2 AND order_key = ANY (ARRAY(SELECT md5('o' || n)::uuid FROM generate_series(1, $1::int) n))`,
    [count, ENTITY],
  );
  await pool.query(
    `INSERT INTO tally_event (order_key, id, entity_id, period, currency, kind, key, at, why, count, scayle_lines, scayle_units, scayle_unknown,
       scayle_net, scayle_tax, scayle_gross, erp_lines, erp_unknown, erp_net, erp_tax, erp_gross, net, tax, gross)
     SELECT md5('o' || n)::uuid, gen_random_uuid(), $2, $3, 'EUR', 'pair', 'matched', $4::timestamptz, 'source', 0, 0, 0, 0, 0, 0, 0, 0, 0, 84, 16, 100, 0, 0, 0
       FROM generate_series(1, $1::int) n`,
    [count, ENTITY, MONTH, at],
  );
  await pool.query("ANALYZE tally_event");
  await tally(pool, "EUR");
}

const quantile = (sorted: readonly number[], part: number): number =>
  sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? Number.NaN;

/** A month of so many lines: what its page asks, how long it takes to close it, and what comes late by the ten thousand. */
export async function measureClose(
  pool: pg.Pool,
  { lines, repeats, late }: Readonly<{ lines: number; repeats: number; late: number }>,
): Promise<CloseMeasured> {
  await makeEntity(pool, ENTITY);
  const [preparer, reviewer] = [
    await makeUser(pool, "finance-preparer", null),
    await makeUser(pool, "finance-reviewer", null),
  ];
  const started = performance.now();
  await makeMonth(pool, lines);
  const madeSeconds = (performance.now() - started) / 1000;
  const asked: Asked[] = [];
  const ask = async (question: string, run: () => Promise<number>) => {
    let rows = await run();
    const took: number[] = [];
    for (let at = 0; at < repeats; at++) {
      const began = performance.now();
      rows = await run();
      took.push(performance.now() - began);
    }
    took.sort((a, b) => a - b);
    asked.push({ question, rows, p50: quantile(took, 0.5), p95: quantile(took, 0.95) });
  };
  const page = () => pageOf(pool);
  await ask("the month's page, open", page);
  for (const [name, question] of questions(pool)) await ask(name, question);

  const wrong: string[] = [];
  await ask("the overview of all entities", async () => (await findMonths(pool, [ENTITY], "2026-06")).length);
  await ask(
    "the bridge by shop",
    async () => (await findSteps(pool, { ...BRIDGE, by: "shop", of: "gross" })).length,
  );
  await ask(
    "the bridge by day, of the tax",
    async () => (await findSteps(pool, { ...BRIDGE, by: "day", of: "tax" })).length,
  );
  const rowsOf = { ...BRIDGE, of: "gross", key: undefined, except: [], page: 1 } as const;
  await ask(
    "the differences by shop, a page",
    async () => (await findDifferences(pool, { ...rowsOf, by: "shop" })).rows.length,
  );
  await ask(
    "the differences by cause, of the tax",
    async () => (await findDifferences(pool, { ...rowsOf, by: "cause", of: "tax" })).rows.length,
  );
  await ask("the page of the debt", () => debtOf(pool));
  await ask("the VAT and the accounts", async () => {
    const { vat, accounts } = await findByTax(pool, ENTITY, MONTH);
    const [totals] = (await totalsOf(pool, ENTITY, MONTH)).totals;
    if (!totals || !addsUpTo(vat, totals) || !addsUpTo(accounts, totals))
      wrong.push("the VAT or the accounts are not the totals of the tie-out");
    return vat.length + accounts.length;
  });
  const hash = hashOfFigures(signedFiguresOf((await totalsOf(pool, ENTITY, MONTH)).totals));
  const input = { entityId: ENTITY, month: MONTH, hash, note: "", remainderWhy: "" };
  await signPeriod(preparer, input, { now: NOW });
  await signPeriod(reviewer, input, { now: NOW });
  const version = (await findPeriod(pool, ENTITY, MONTH))?.version ?? -1;
  const beganLock = performance.now();
  const locked = await lockPeriod(reviewer, { entityId: ENTITY, month: MONTH, version }, { now: NOW });
  const lockSeconds = (performance.now() - beganLock) / 1000;
  const beganVerify = performance.now();
  const first = await verifyLock(pool, ENTITY, MONTH, 1);
  const verifySeconds = (performance.now() - beganVerify) / 1000;
  if (!first.intact) wrong.push(`the lock: ${first.why}`);
  await ask("the month's page, closed", page);
  const list = { side: "erp", q: "", page: 1 } as const;
  await ask(
    "locked lines, a page",
    async () => (await findLockedLines(pool, ENTITY, MONTH, list)).rows.length,
  );
  await ask(
    "locked lines, searched by a document’s number",
    async () => (await findLockedLines(pool, ENTITY, MONTH, { ...list, q: "erp-4711" })).rows.length,
  );
  await ask(
    "locked documents, a page",
    async () => (await findLockedDocuments(pool, ENTITY, MONTH, list)).rows.length,
  );

  await arriveLate(pool, late, new Date(NOW.getTime() + 60_000));
  await ask(`the month's page, ${late.toLocaleString("en")} late arrivals`, page);
  const found = await findLate(pool, ENTITY, MONTH);
  const [sum] = found.sums;
  if (!sum?.holds) wrong.push("Σ late arrivals is not live − locked");
  if (sum?.count !== late || sum.erp !== BigInt(late) * 100n)
    wrong.push(`${sum?.count} late arrivals of ${sum?.erp} minor units`);
  const after = await verifyLock(pool, ENTITY, MONTH, 1);
  if (!after.intact || after.digest !== locked.digest) wrong.push("the lock's digest changed");
  return {
    lines,
    repeats,
    madeSeconds,
    asked,
    lockSeconds,
    verifySeconds,
    locked: Number(locked.lines),
    late: sum?.count ?? 0,
    wrong,
  };
}

const BRIDGE = { entityId: ENTITY, month: MONTH, currency: "EUR" } as const;

/** What the page of the debt asks, at once. */
async function debtOf(pool: pg.Pool): Promise<number> {
  const months = ["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", MONTH];
  const [debt, trend, returning, carried] = await Promise.all([
    findOpenDebt(pool, ENTITY, "2026-11-20"),
    findTrendOfBooks(pool, ENTITY, months),
    findReturning(pool, ENTITY, months),
    findCarried(pool, ENTITY, MONTH, 1),
  ]);
  return debt.length + trend.length + returning.length + carried.rows.length;
}

/** What the page asks of the database, question by question. */
function questions(pool: pg.Pool): readonly (readonly [string, () => Promise<number>])[] {
  const scope = [ENTITY];
  return [
    ["totals", async () => (await findSummaries(scope, ENTITY, MONTH)).length],
    ["months", async () => (await findPeriods(scope, ENTITY, openStates)).length],
    ["what is open", () => countOpen(scope, ENTITY, MONTH, openStates)],
    [
      "debt by age",
      async () => (await findMonthDebt(pool, ENTITY, MONTH, dayIn(NOW, "Europe/Berlin"))).length,
    ],
    ["what changed since", () => countChanged(scope, ENTITY)],
    ["sign-offs", async () => (await findSignOffs(pool, ENTITY, MONTH)).length],
    ["whether it moves", async () => Number(await isMoving(pool, ENTITY, MONTH))],
    ["what is unexplained", async () => Number(await unexplainedOf(pool, ENTITY, MONTH, "EUR"))],
    ["who edited last", async () => Number((await lastEditOf(pool, ENTITY, MONTH)) !== null)],
    ["corrections", async () => (await findCorrections(pool, ENTITY, MONTH)).length],
    ["who has what is open", async () => (await findOwners(pool, ENTITY, MONTH)).length],
    ["journals", async () => (await findJournals(pool, ENTITY, MONTH)).length],
    ["late arrivals", async () => (await findLate(pool, ENTITY, MONTH)).arrivals.length],
  ];
}

/** All of them at once, as the page does. */
const pageOf = async (pool: pg.Pool): Promise<number> =>
  (await Promise.all(questions(pool).map(([, question]) => question()))).length;
