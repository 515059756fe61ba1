import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { makeEntity } from "@/lib/exceptions/fixtures";
import { findGtinProposals, findItemProposals, findTaxProposals } from "@/lib/mappings/proposals";
import { makeProposals } from "@/lib/matching/proposals";
import { keepRootCauses } from "@/lib/matching/root-causes";
import { daysOf, findRootCause, listRootCauses, ownerOf } from "@/lib/root-causes/data";
import { keepFindings } from "@/lib/root-causes/keep-findings";
import type { Asked } from "./queue";

export type RootCausesMeasured = Readonly<{
  exceptions: number;
  orders: number;
  rootCauses: number;
  madeSeconds: number;
  /** what a run does at its end, in seconds */
  work: readonly Readonly<{ what: string; seconds: number; count: number }>[];
  asked: readonly Asked[];
  /** root causes whose features are not those that were planted */
  wrong: readonly string[];
}>;

const ENTITY = "CAUSES";
const TODAY = "2026-11-05";
const NOW = new Date(`${TODAY}T08:00:00Z`);
/** One order in five is as it should be. */
const EXCEPTIONS_OF = 5;

/**
 * Orders of 13 months with an invoice each, in one statement a table: the item of four in five is posted wrongly, 40 items with one
 * root cause each, in 8 shops and two channels.
 */
async function makeBooks(pool: pg.Pool, orders: number, seed: number): Promise<number> {
  const started = performance.now();
  const rolled = `SELECT n, h, md5('o' || n)::uuid AS key, '${TODAY}'::date - (h % 390)::int AS d,
      'SKU-' || CASE WHEN n % ${EXCEPTIONS_OF} = 0 THEN 40 + (h % 60) ELSE h % 40 END AS sku, 'ms/' || (h % 8) AS shop
    FROM (SELECT n, abs(hashint8extended(n, $3)) AS h FROM generate_series(1, $1::bigint) n) numbered`;
  const values = [orders, ENTITY, seed];
  await pool.query(
    `INSERT INTO connection (id, entity_id, kind, side, name, settings, capabilities, created_at)
     SELECT md5(side)::uuid, $1, 'file', side, side, '{}', '{}', now() FROM unnest(ARRAY['scayle', 'erp']) AS side`,
    [ENTITY],
  );
  await pool.query(
    `INSERT INTO sales_order (order_key, entity_id, connection_id, source_id, reference, shop_id, channel, ship_to, currency, content, checked_at)
     SELECT key, $2, md5('scayle')::uuid, n::text, 'R-' || n, shop, CASE WHEN h % 5 = 0 THEN 'market' ELSE 'own' END,
            CASE WHEN h % 3 = 0 THEN 'AT' ELSE 'DE' END, 'EUR', '{}', d FROM (${rolled}) AS o`,
    values,
  );
  await pool.query(
    `INSERT INTO document (order_key, id, entity_id, connection_id, side, kind, source_id, number, posted, order_known, currency, posting_day,
            version, content_hash, seen_at)
     SELECT key, md5('d' || n)::uuid, $2, md5('erp')::uuid, 'erp', 'sale', n::text, 'SI-' || n, true, true, 'EUR', d, 1, '', d
       FROM (${rolled}) AS o`,
    values,
  );
  await pool.query(
    `INSERT INTO line (order_key, id, document_id, entity_id, side, document_kind, kind, granularity, source_line_id, item_key, quantity,
            net, tax, gross, tax_code, tax_rate, currency, day, period, in_books)
     SELECT key, md5(side || n)::uuid, md5('d' || n)::uuid, $2, side, 'sale', 'item', 'item', '1', sku, 1, 10000, 1900, 11900,
            CASE WHEN side = 'erp' THEN 'VAT' || (h % 30) END, 0.19, 'EUR', d, to_char(d, 'YYYY-MM'), true
       FROM (${rolled}) AS o, unnest(ARRAY['scayle', 'erp']) AS side`,
    values,
  );
  await pool.query(
    `INSERT INTO exception (order_key, id, subject_key, entity_id, cause, order_reference, document_number, document_kind, signature,
       state, bucket, severity, owner_team, due, currency, period, net, tax, gross, amounts, explanation, evidence, resolution,
       first_seen_at, last_seen_at, shop_id, business_day)
     SELECT key, md5('e' || n)::uuid, md5('e' || n)::uuid, $2, 'quantity-wrong', 'R-' || n, 'SI-' || n, 'sale', 'item: ' || sku,
       'new', 'open', 'medium', 'finance', d + 5, 'EUR', to_char(d, 'YYYY-MM'), -10000, -1900, -11900,
       '[]', 'The ERP has twice as many.',
       CASE WHEN h % 1000 = 0 THEN jsonb_build_object('missing', jsonb_build_array(jsonb_build_object('kind', 'item', 'itemKey', 'ERP-' || (h % 40), 'sku', sku)))
            ELSE '{}'::jsonb END,
       'Correct the line.', d + interval '30 hours', d + interval '30 hours', shop, d
       FROM (${rolled}) AS o WHERE n % ${EXCEPTIONS_OF} <> 0`,
    values,
  );
  for (const table of ["sales_order", "document", "line", "exception"])
    await pool.query(`VACUUM ANALYZE ${table}`);
  return (performance.now() - started) / 1000;
}

/** What a run counts of root causes and proposals, and what their pages ask, over so many exceptions. */
export async function measureRootCauses(
  pool: pg.Pool,
  { exceptions, repeats, seed }: Readonly<{ exceptions: number; repeats: number; seed: number }>,
): Promise<RootCausesMeasured> {
  await makeEntity(pool, ENTITY);
  const orders = Math.ceil((exceptions * EXCEPTIONS_OF) / (EXCEPTIONS_OF - 1));
  const madeSeconds = await makeBooks(pool, orders, seed);
  const work: { what: string; seconds: number; count: number }[] = [];
  const timed = async (what: string, run: () => Promise<number>) => {
    const started = performance.now();
    const count = await run();
    work.push({ what, count, seconds: (performance.now() - started) / 1000 });
  };
  const runId = "00000000-0000-0000-0000-000000000001";
  await timed("counting and weighing all root causes", () =>
    inTransaction(pool, async (client) => {
      await keepRootCauses(client, ENTITY, { runId, all: true, at: NOW });
      return (await client.query("SELECT FROM root_cause WHERE open_count > 0")).rowCount ?? 0;
    }),
  );
  await timed("what each has in common, counted and kept", () =>
    keepFindings(ENTITY, { pool, now: () => NOW }),
  );
  await timed("proposing tax codes", () =>
    inTransaction(
      pool,
      async (client) => (await makeProposals(client, ENTITY, NOW, { rounding: null, taxCodes: null })).length,
    ),
  );
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
    const quantile = (part: number) => took[Math.ceil(part * took.length) - 1] ?? Number.NaN;
    asked.push({ question, rows, p50: quantile(0.5), p95: quantile(0.95) });
  };
  const list = () => listRootCauses(ENTITY, { cause: undefined, page: 1 }, TODAY);
  const cards = await list();
  const [first] = cards;
  if (!first) throw new Error("There is no root cause.");
  await ask("root causes, first page", async () => (await list()).length);
  await ask("one root cause", async () => ((await findRootCause([ENTITY], first.id, () => TODAY)) ? 1 : 0));
  await ask("its days", async () => (await daysOf(ENTITY, first.id)).length);
  await ask("its owner", async () => ((await ownerOf(ENTITY, first.id)) ? 1 : 0));
  await ask("proposals of tax codes", async () => (await findTaxProposals(ENTITY)).length);
  await ask("proposals of items, from exceptions", async () => (await findItemProposals(ENTITY)).length);
  await ask("proposals of items, from the master", async () => (await findGtinProposals(ENTITY)).length);
  const wrong = cards.flatMap(({ signature, findings }) => {
    const features = (findings?.contrast.features ?? []).map((one) => `${one.name}: ${one.value}`);
    return features.join() === signature ? [] : [`${signature} (${features.join(", ") || "nothing"})`];
  });
  const { rowCount } = await pool.query("SELECT FROM exception");
  return {
    exceptions: rowCount ?? 0,
    orders,
    rootCauses: work[0]?.count ?? 0,
    madeSeconds,
    work,
    asked,
    wrong,
  };
}
