import { randomUUID } from "node:crypto";
import type pg from "pg";
import { findOwners } from "@/lib/close/blockers";
import { countChanged, countOpen, findPeriods, findSummaries } from "@/lib/close/data";
import { findCarried, findMonthDebt, findOpenDebt, findReturning, findTrendOfBooks } from "@/lib/close/debt";
import { findDifferences, findDifferencesAt, findSteps } from "@/lib/close/differences";
import { findCorrections, findJournals } from "@/lib/close/journals";
import { lastEditOf } from "@/lib/close/last-editor";
import { findLate } from "@/lib/close/late";
import { findBookedLines, findBookedLinesAt } from "@/lib/close/lines";
import { findLockedDocuments, findLockedLines } from "@/lib/close/locked";
import { lockPeriod } from "@/lib/close/locking";
import { findMonths } from "@/lib/close/overview";
import { unexplainedOf } from "@/lib/close/remainder";
import { bridgeFigures, bridgeParts } from "@/lib/close/schema";
import { signPeriod } from "@/lib/close/signing";
import { findPeriod, findSignOffs, isMoving, totalsOf } from "@/lib/close/state";
import { addsUpTo, findByTax, findLockedByTax } from "@/lib/close/vat";
import { verifyLock } from "@/lib/close/verify-lock";
import { inTransaction } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { makeEntity, makeUser } from "@/lib/exceptions/fixtures";
import { openStates } from "@/lib/exceptions/machine";
import { differencesOf } from "@/lib/matching/differences";
import { cellInvariants } from "@/lib/matching/invariants/cells";
import { everywhere } from "@/lib/matching/invariants/contract";
import { NO_GROUP } from "@/lib/matching/movements";
import { hashOfFigures, signedFiguresOf } from "@/lib/matching/signed-figures";
import { storeSummaries } from "@/lib/matching/summary";
import { FIGURES, PLACE } from "@/lib/matching/tally";
import { findMoves, sumMoves } from "@/lib/moves/data";
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

/** Orders of one line a side over the days of a month, each twentieth with a rounding of a cent of tax, as matching leaves them. */
async function makeMonth(pool: pg.Pool, lines: number): Promise<void> {
  const orders = Math.ceil(lines / 2);
  const key = (name: string) => `md5('${name}' || n)::uuid`;
  const run = (sql: string) => pool.query(sql, [orders, ENTITY, MONTH]);
  await pool.query(
    "INSERT INTO connection (id, entity_id, kind, side, name, settings) SELECT md5(side)::uuid, $1, 'measure', side, side, '{}' FROM unnest(ARRAY['scayle', 'erp']) side",
    [ENTITY],
  );
  await pool.query(
    "INSERT INTO shop (id, entity_id, connection_id, shop_key, country_code, name) SELECT 'shop-' || n, $1, md5('scayle')::uuid, 'shop', n::text, 'Shop ' || n FROM generate_series(0, 3) n",
    [ENTITY],
  );
  await pool.query(
    `INSERT INTO tax_mapping (id, entity_id, ship_to, channel, rate, tax_code, confirmed_at, confirmed_by)
     SELECT gen_random_uuid(), $1, country, '*', 0.19, 'VAT19', now(), 'Measure' FROM unnest(ARRAY['DE', 'AT', 'FR']) country`,
    [ENTITY],
  );
  await run(
    `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, shop_id, channel, channel_type, ship_to, currency, content, checked_at)
     SELECT ${key("o")}, $2, md5('scayle')::uuid, n::text, 'M-' || n, 'shop-' || n % 4, 'channel-' || n % 5, 'shop', (ARRAY['DE', 'AT', 'FR'])[1 + n % 3],
            'EUR', jsonb_build_object('payments', jsonb_build_array(jsonb_build_object('key', 'way_' || n % 6, 'giftCard', false))), ($3 || '-28')::date
       FROM generate_series(1, $1::int) n`,
  );
  await run(
    `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, posted, order_known, currency, ship_to, posting_day,
       version, content_hash, seen_at)
     SELECT ${key("o")}, CASE side WHEN 'scayle' THEN ${key("s")} ELSE ${key("e")} END, $2, md5(side)::uuid, side, 'sale', side || n,
            side || '-' || n, true, true, 'EUR', (ARRAY['DE', 'AT', 'FR'])[1 + n % 3], ($3 || '-01')::date + n % 31, 1, md5(side || n), '2026-11-01'
       FROM generate_series(1, $1::int) n, unnest(ARRAY['scayle', 'erp']) side`,
  );
  await run(
    `INSERT INTO line (order_key, id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, item_key, quantity, net,
       tax, gross, tax_code, tax_rate, currency, day, period, in_books)
     SELECT ${key("o")}, md5(side || 'l' || n)::uuid, CASE side WHEN 'scayle' THEN ${key("s")} ELSE ${key("e")} END, $2, side, 'sale', 'item',
            'item', '1', 'SKU-' || n % 500, 1, 10000 + (side = 'erp' AND n % 20 = 0)::int, 1900 - (side = 'erp' AND n % 20 = 0)::int, 11900,
            'VAT' || 19 + (side = 'erp' AND n % 40 = 0)::int, 0.19, 'EUR', ($3 || '-01')::date + n % 31, $3, true
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
  for (const table of ["document", "line", "pair", "pair_line", "cause", "sales_order"])
    await pool.query(`VACUUM ANALYZE ${table}`);
  await pool.query(`INSERT INTO difference ${differencesOf("true")}`, [ENTITY]);
  await tally(pool, "EUR");
  await pool.query(
    `INSERT INTO tally_event (order_key, id, ${PLACE.join(", ")}, at, why, ${FIGURES.join(", ")})
     SELECT '${NO_GROUP}', gen_random_uuid(), ${PLACE.join(", ")}, $2::timestamptz, 'source', ${FIGURES.join(", ")} FROM tally WHERE entity_id = $1`,
    [ENTITY, NOW],
  );
  for (const table of ["difference", "line_cell", "difference_cell"])
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
    "DELETE FROM difference WHERE order_key = ANY (ARRAY(SELECT md5('o' || n)::uuid FROM generate_series(1, $1::int) n))",
    [count],
  );
  await pool.query(
    `INSERT INTO difference ${differencesOf("p.order_key = ANY (ARRAY(SELECT md5('o' || n)::uuid FROM generate_series(1, $2::int) n))")}`,
    [ENTITY, count],
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
  const ask = async (question: string, run: () => Promise<number>, times = repeats) => {
    let rows = await run();
    const took: number[] = [];
    for (let at = 0; at < times; at++) {
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
  for (const by of bridgeParts)
    for (const of of bridgeFigures)
      if (by !== "cause")
        await ask(
          `the bridge by ${by}, of ${of}`,
          async () => (await findSteps(pool, { ...BRIDGE, by, of })).length,
        );
  const rowsOf = { ...BRIDGE, of: "tax", key: undefined, except: [], page: 1 } as const;
  for (const by of bridgeParts)
    await ask(
      `the differences by ${by}, a page`,
      async () => (await findDifferences(pool, { ...rowsOf, by })).rows.length,
    );
  for (const [side, bucket] of [
    ["scayle", undefined],
    ["erp", "matched"],
    ["erp", "explained"],
    ["scayle", "open"],
  ] as const)
    await ask(`${side === "erp" ? "the ERP’s" : "SCAYLE’s"} lines, ${bucket ?? "all"}, a page`, async () => {
      const found = await findBookedLines([ENTITY], {
        entity: ENTITY,
        period: MONTH,
        side,
        bucket,
        currency: "EUR",
        page: 1,
      });
      return found.lines.length;
    });
  await ask("the page of the debt", () => debtOf(pool));
  await ask("the VAT and the accounts", async () => {
    const { vat, accounts } = await findByTax(pool, ENTITY, MONTH);
    const [totals] = (await totalsOf(pool, ENTITY, MONTH)).totals;
    if (!totals || !addsUpTo(vat, totals) || !addsUpTo(accounts, totals))
      wrong.push("the VAT or the accounts are not the totals of the tie-out");
    return vat.length + accounts.length;
  });
  const moved = { entityId: ENTITY, period: MONTH, from: null, to: NOW };
  await ask("what the totals moved by", async () => (await sumMoves(moved)).size);
  const why = {
    ...moved,
    currency: "EUR",
    total: { name: "erp", key: null },
    of: "gross",
    why: undefined,
    sort: "amount",
    page: 1,
  } as const;
  await ask("why a total moved, a page", async () => (await findMoves(why)).moves.length);
  // What is looked at as at a date is read from versions and movements, and not kept for every date.
  const few = Math.min(3, repeats);
  await ask(
    "as at a day: the VAT and the accounts",
    async () => (await findByTax(pool, ENTITY, MONTH, NOW)).vat.length,
    few,
  );
  await ask(
    "as at a day: lines, a page",
    async () =>
      (
        await findBookedLinesAt(pool, {
          entity: ENTITY,
          period: MONTH,
          side: "erp",
          currency: "EUR",
          page: 1,
          at: NOW,
        })
      ).lines.length,
    few,
  );
  await ask(
    "as at a day: the differences by shop, a page",
    async () => (await findDifferencesAt(pool, { ...rowsOf, by: "shop", at: NOW }))?.rows.length ?? 0,
    few,
  );
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
  await ask(
    "the VAT and the accounts, as locked",
    async () => (await findLockedByTax(pool, ENTITY, MONTH)).vat.length,
    few,
  );
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
  await ask("why a total moved, late arrivals, a page", async () => {
    const span = { ...why, from: NOW, to: new Date(NOW.getTime() + 120_000) };
    return (await findMoves(span)).moves.length;
  });
  for (const one of cellInvariants) {
    const broken = await pool.query(
      `SELECT detail FROM (${one.sql(everywhere)}) b WHERE $2::text IS NOT NULL LIMIT 1`,
      [ENTITY, MONTH],
    );
    for (const { detail } of broken.rows) wrong.push(`${one.name}: ${detail}`);
  }
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
