import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { CHANNEL_KEY, PAYMENT_KEY, SHOP_KEY } from "@/lib/matching/differences";
import { NO_GROUP } from "@/lib/matching/movements";
import type { BridgeFigure } from "./bridge";
import { loadLabels } from "./part-labels";
import type { bridgeParts } from "./schema";

/** By what the steps of a bridge can be told apart. */
export type BridgePart = (typeof bridgeParts)[number];

/** One step of a bridge: what differs of one shop, channel, tax code, payment method or day; SCAYLE − ERP in minor units. */
export type Step = Readonly<{ key: string; label: string; count: number; amount: Minor }>;

/** A pair that differs, as the list behind a step shows it. */
export type DifferenceRow = Readonly<{
  orderKey: string;
  pairId: string;
  /** people's name of the order; null: none is known */
  order: string | null;
  documentKind: string;
  /** the item, or what kind of charge */
  what: string;
  bucket: string;
  /** where it stands in the bridge */
  part: string;
  scayle: Minor;
  erp: Minor;
  amount: Minor;
}>;

/** By what steps can be told apart beside their causes. */
type PartApart = Exclude<BridgePart, "cause">;

/** What an amount's differences are counted in: columns of `difference_cell`. */
const COUNTS: Readonly<Record<BridgeFigure, string>> = { gross: "grosses", net: "nets", tax: "taxes" };

/** What differs in a month and currency by shop, channel, tax code, payment method or day, from the sums that are kept: the larger first. */
export async function findSteps(
  pool: pg.Pool,
  asked: Readonly<{
    entityId: string;
    month: Month;
    currency: string;
    by: PartApart;
    of: BridgeFigure;
  }>,
): Promise<readonly Step[]> {
  const { entityId, month, currency, by, of } = asked;
  const { rows } = await pool.query<Omit<Step, "label">>(
    `SELECT key, sum(${COUNTS[of]})::int AS count, sum(${of})::bigint AS amount FROM difference_cell
      WHERE entity_id = $1 AND period = $2 AND currency = $3 AND "by" = $4
      GROUP BY key HAVING sum(${COUNTS[of]}) <> 0 ORDER BY abs(sum(${of})) DESC, key`,
    [entityId, month, currency, by],
  );
  const labelOf = await loadLabels(pool, entityId, by);
  return rows.map((row) => ({ ...row, label: labelOf(row.key) }));
}

/** How many differences a page shows. */
export const DIFFERENCES_SHOWN = 50;

const WHAT = `coalesce(CASE p.kind WHEN 'item' THEN p.item_key WHEN 'charge' THEN 'Shipping and fees' WHEN 'header' THEN 'The order’s total'
  WHEN 'document' THEN 'The document' ELSE p.item_key END, '')`;

/*
 * The rows that are listed, before anything is looked up for the page that is shown; and what all of them come to, which is kept.
 * $4 is the key of a step, or null, and $5 those of steps that are left out.
 */
const listOf = (by: BridgePart, of: BridgeFigure): Readonly<{ from: string; sums: string }> => {
  const key = by === "cause" ? "code" : by;
  const which = (name: string) => `($4::text IS NULL OR ${name} = $4) AND ${name} <> ALL ($5::text[])`;
  const place = "entity_id = $1 AND period = $2 AND currency = $3";
  if (by === "cause")
    return {
      // A cause may stand in several pairs of its subject, or in none.
      from: `SELECT order_key, coalesce(pair_id, id) AS id, pair_id, document_kind, period, bucket, ${key} AS key, ${of} AS amount
               FROM cause WHERE ${place} AND ${of} <> 0 AND ${which(key)}`,
      sums: `SELECT count(*)::int AS count, coalesce(sum(${of}), 0)::bigint AS sum FROM cause WHERE ${place} AND ${of} <> 0 AND ${which(key)}`,
    };
  return {
    from: `SELECT order_key, pair_id AS id, pair_id, NULL AS document_kind, period, NULL AS bucket, ${key} AS key, ${of} AS amount
             FROM difference WHERE ${place} AND ${of} <> 0 AND ${which(key)}`,
    sums: `SELECT coalesce(sum(${COUNTS[of]}), 0)::int AS count, coalesce(sum(${of}), 0)::bigint AS sum FROM difference_cell
            WHERE ${place} AND "by" = '${by}' AND ${which("key")}`,
  };
};

/**
 * A page of what a step of the bridge is the sum of, the larger first, and the sum of all pages. `key`: of that step only;
 * `except`: of all steps but these; neither: of all.
 */
export async function findDifferences(
  pool: pg.Pool,
  asked: Readonly<{
    entityId: string;
    month: Month;
    currency: string;
    by: BridgePart;
    of: BridgeFigure;
    key: string | undefined;
    except: readonly string[];
    page: number;
  }>,
): Promise<Readonly<{ rows: readonly DifferenceRow[]; count: number; sum: Minor }>> {
  const { entityId, month, currency, by, of, key, except, page } = asked;
  const { from, sums: all } = listOf(by, of);
  const params = [entityId, month, currency, key ?? null, [...except]];
  const [rows, sums, labelOf] = await Promise.all([
    pool.query<Omit<DifferenceRow, "part"> & Readonly<{ key: string }>>(
      `SELECT one.order_key AS "orderKey", one.id AS "pairId", o.reference AS "order",
              coalesce(one.document_kind, p.document_kind) AS "documentKind", ${WHAT} AS what, coalesce(one.bucket, p.bucket) AS bucket, one.key,
              p.scayle_${of} AS scayle, p.erp_${of} AS erp, one.amount
         FROM (${from} ORDER BY abs(${of}) DESC, order_key, ${by === "cause" ? "coalesce(pair_id, id)" : "pair_id"}, ${by === "cause" ? "code" : by}
               LIMIT ${DIFFERENCES_SHOWN} OFFSET $6) one
         LEFT JOIN pair p ON p.order_key = one.order_key AND p.id = one.pair_id AND p.period = one.period
         LEFT JOIN sales_order o ON o.order_key = one.order_key
        ORDER BY abs(one.amount) DESC, one.order_key, one.id, one.key`,
      [...params, (page - 1) * DIFFERENCES_SHOWN],
    ),
    pool.query<{ count: number; sum: Minor }>(all, params),
    by === "cause" ? (code: string) => code : loadLabels(pool, entityId, by),
  ]);
  return {
    rows: rows.rows.map(({ key: part, ...row }) => ({ ...row, part: labelOf(part) })),
    count: sums.rows[0]?.count ?? 0,
    sum: sums.rows[0]?.sum ?? 0n,
  };
}

/** By what a month's differences can be told apart as at a date: what a group is of. Days and tax codes are of single lines. */
export const partsKept = ["cause", "shop", "channel", "payment"] as const satisfies readonly BridgePart[];
type PartKept = (typeof partsKept)[number];
export const isPartKept = (by: BridgePart): by is PartKept => partsKept.some((one) => one === by);

/** What differed of one order at a moment: in one cause, or in all. */
export type DifferenceAt = Readonly<{
  orderKey: string;
  order: string | null;
  part: string;
  amount: Minor;
}>;

/*
 * What a group came to at a moment is what it comes to now less what moved it since: movements are kept group by group. $4 is the
 * moment of the totals. Causes have amounts of their own; else it is what both sides of the group's pairs are apart.
 */
const differingAt = (by: PartKept, of: BridgeFigure): string => {
  const isCause = by === "cause";
  const amount = isCause ? of : `scayle_${of} - erp_${of}`;
  const key = isCause ? "code" : "''";
  const keys = { shop: SHOP_KEY, channel: CHANNEL_KEY, payment: PAYMENT_KEY };
  return `
  WITH stands AS MATERIALIZED (
    SELECT order_key, key, sum(amount) AS amount FROM (
      SELECT order_key, ${key} AS key, ${amount} AS amount FROM ${isCause ? "cause" : "pair"}
       WHERE entity_id = $1 AND period = $2 AND currency = $3 ${isCause ? "" : "AND bucket <> 'excluded'"}
      UNION ALL
      SELECT order_key, ${isCause ? "key" : "''"}, -(${amount}) FROM tally_event
       WHERE entity_id = $1 AND period = $2 AND currency = $3 AND at > $4 AND kind = '${isCause ? "cause" : "pair"}'
         ${isCause ? "" : "AND key <> 'excluded'"}) one
     GROUP BY 1, 2 HAVING sum(amount) <> 0),
  told AS (
    SELECT t.order_key, o.reference, t.amount, ${isCause ? "t.key" : keys[by]} AS key
      FROM stands t
      LEFT JOIN sales_order o ON o.order_key = t.order_key)`;
};

/**
 * What a step of the bridge was the sum of at the moment of some totals, order by order, the larger first. Null where it can't be
 * told: after that moment so many orders were matched for the first time at once that they were not kept one by one.
 */
export async function findDifferencesAt(
  pool: pg.Pool,
  asked: Readonly<{
    entityId: string;
    month: Month;
    currency: string;
    by: PartKept;
    of: BridgeFigure;
    at: Date;
    key: string | undefined;
    except: readonly string[];
    page: number;
  }>,
): Promise<Readonly<{ rows: readonly DifferenceAt[]; count: number; sum: Minor }> | null> {
  const { entityId, month, currency, by, of, at, key, except, page } = asked;
  const { rowCount: together } = await pool.query(
    `SELECT FROM tally_event WHERE entity_id = $1 AND period = $2 AND currency = $3 AND at > $4 AND order_key = '${NO_GROUP}' LIMIT 1`,
    [entityId, month, currency, at],
  );
  if (together) return null;
  const from = "FROM told WHERE ($5::text IS NULL OR key = $5) AND key <> ALL ($6::text[])";
  const params = [entityId, month, currency, at, key ?? null, [...except]];
  const [rows, sums, labelOf] = await Promise.all([
    pool.query<Omit<DifferenceAt, "part"> & Readonly<{ key: string }>>(
      `${differingAt(by, of)}
       SELECT order_key AS "orderKey", reference AS "order", key, amount::bigint AS amount ${from}
        ORDER BY abs(amount) DESC, order_key, key LIMIT ${DIFFERENCES_SHOWN} OFFSET $7`,
      [...params, (page - 1) * DIFFERENCES_SHOWN],
    ),
    pool.query<{ count: number; sum: Minor }>(
      `${differingAt(by, of)} SELECT count(*)::int AS count, coalesce(sum(amount), 0)::bigint AS sum ${from}`,
      params,
    ),
    by === "cause" ? (code: string) => code : loadLabels(pool, entityId, by),
  ]);
  return {
    rows: rows.rows.map(({ key: part, ...row }) => ({ ...row, part: labelOf(part) })),
    count: sums.rows[0]?.count ?? 0,
    sum: sums.rows[0]?.sum ?? 0n,
  };
}
