import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { NO_GROUP } from "@/lib/matching/movements";
import type { BridgeFigure } from "./bridge";
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

// Of a pair with lines in several orders the lines are found by the group, of all others by their order.
const linesOfPair = `(
  SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
   WHERE x.order_key = p.order_key AND x.group_key = p.order_key AND x.pair_id = p.id AND l.period = p.period
  UNION ALL
  SELECT l.side, l.day, l.tax_code FROM pair_line x JOIN line l ON l.order_key = x.order_key AND l.id = x.line_id
   WHERE x.group_key = p.order_key AND x.group_key <> x.order_key AND x.pair_id = p.id AND l.period = p.period)`;

/** What tells the pairs apart: a value for the address, and what people call it. */
const parts: Readonly<Record<Exclude<BridgePart, "cause">, Readonly<{ key: string; label: string }>>> = {
  shop: {
    key: "coalesce(o.shop_id, '')",
    label: "coalesce(s.name, o.shop_id, 'No order known')",
  },
  channel: {
    key: "coalesce(o.channel, CASE WHEN o.order_key IS NULL THEN '' ELSE o.channel_type END)",
    label:
      "coalesce(h.name, o.channel, CASE WHEN o.order_key IS NULL THEN 'No order known' ELSE 'Own shop' END)",
  },
  code: {
    key: `coalesce((SELECT string_agg(DISTINCT coalesce(nullif(one.tax_code, ''), '-'), ' + ') FROM ${linesOfPair} one WHERE one.side = 'erp'), '')`,
    label: `coalesce((SELECT string_agg(DISTINCT coalesce(nullif(one.tax_code, ''), 'no code'), ' + ') FROM ${linesOfPair} one WHERE one.side = 'erp'), 'No line of the ERP')`,
  },
  payment: {
    key: `coalesce((SELECT string_agg(DISTINCT one ->> 'key', ' + ') FROM jsonb_array_elements(o.content -> 'payments') one), '')`,
    label: `coalesce((SELECT string_agg(DISTINCT one ->> 'key', ' + ') FROM jsonb_array_elements(o.content -> 'payments') one), CASE WHEN o.order_key IS NULL THEN 'No order known' ELSE 'Not stated' END)`,
  },
  day: {
    key: `coalesce((SELECT min(one.day)::text FROM ${linesOfPair} one), '')`,
    label: `coalesce((SELECT min(one.day)::text FROM ${linesOfPair} one), 'No day')`,
  },
};

/** The pairs of a month and currency that differ in an amount, each with where it stands. Pairs that match never differ. */
const differing = (by: Exclude<BridgePart, "cause">, of: BridgeFigure): string => `
  SELECT p.order_key, p.id, p.document_kind, p.kind, p.item_key, p.bucket, p.scayle_${of} AS scayle, p.erp_${of} AS erp,
         o.reference, ${parts[by].key} AS key, ${parts[by].label} AS label
    FROM pair p
    LEFT JOIN sales_order o ON o.order_key = p.order_key
    LEFT JOIN shop s ON s.id = o.shop_id
    LEFT JOIN channel h ON h.connection_id = o.connection_id AND h.key = o.channel
   WHERE p.entity_id = $1 AND p.period = $2 AND p.currency = $3
     AND p.bucket IN ('explained', 'open', 'accepted', 'timing', 'failed') AND p.scayle_${of} <> p.erp_${of}`;

/** What differs in a month and currency by shop, channel, tax code, payment method or day: the larger first. */
export async function findSteps(
  pool: pg.Pool,
  asked: Readonly<{
    entityId: string;
    month: Month;
    currency: string;
    by: Exclude<BridgePart, "cause">;
    of: BridgeFigure;
  }>,
): Promise<readonly Step[]> {
  const { entityId, month, currency, by, of } = asked;
  const { rows } = await pool.query<Step>(
    `SELECT key, min(label) AS label, count(*)::int AS count, sum(scayle - erp)::bigint AS amount
       FROM (${differing(by, of)}) one GROUP BY key ORDER BY abs(sum(scayle - erp)) DESC, key`,
    [entityId, month, currency],
  );
  return rows;
}

/** How many differences a page shows. */
export const DIFFERENCES_SHOWN = 50;

// A cause may stand in several pairs of its subject, or in none.
const ofCauses = (of: BridgeFigure): string => `
  SELECT c.order_key, coalesce(c.pair_id, c.id) AS id, c.document_kind, p.kind, p.item_key, c.bucket,
         p.scayle_${of} AS scayle, p.erp_${of} AS erp, o.reference, c.code AS key, c.code AS label, c.${of} AS amount
    FROM cause c
    LEFT JOIN pair p ON p.order_key = c.order_key AND p.id = c.pair_id AND p.period = c.period
    LEFT JOIN sales_order o ON o.order_key = c.order_key
   WHERE c.entity_id = $1 AND c.period = $2 AND c.currency = $3 AND c.${of} <> 0`;

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
  const from = `FROM (${by === "cause" ? ofCauses(of) : `SELECT d.*, d.scayle - d.erp AS amount FROM (${differing(by, of)}) d`}) one
    WHERE ($4::text IS NULL OR key = $4) AND key <> ALL ($5::text[])`;
  const params = [entityId, month, currency, key ?? null, [...except]];
  const [rows, sums] = await Promise.all([
    pool.query<DifferenceRow>(
      `SELECT order_key AS "orderKey", id AS "pairId", reference AS "order", document_kind AS "documentKind",
              coalesce(CASE kind WHEN 'item' THEN item_key WHEN 'charge' THEN 'Shipping and fees' WHEN 'header' THEN 'The order’s total'
                WHEN 'document' THEN 'The document' ELSE item_key END, '') AS what,
              bucket, label AS part, scayle, erp, amount ${from}
        ORDER BY abs(amount) DESC, order_key, id, key LIMIT ${DIFFERENCES_SHOWN} OFFSET $6`,
      [...params, (page - 1) * DIFFERENCES_SHOWN],
    ),
    pool.query<{ count: number; sum: Minor }>(
      `SELECT count(*)::int AS count, coalesce(sum(amount), 0)::bigint AS sum ${from}`,
      params,
    ),
  ]);
  return { rows: rows.rows, count: sums.rows[0]?.count ?? 0, sum: sums.rows[0]?.sum ?? 0n };
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
    SELECT t.order_key, o.reference, t.amount, ${isCause ? "t.key" : parts[by].key} AS key, ${isCause ? "t.key" : parts[by].label} AS label
      FROM stands t
      LEFT JOIN sales_order o ON o.order_key = t.order_key
      LEFT JOIN shop s ON s.id = o.shop_id
      LEFT JOIN channel h ON h.connection_id = o.connection_id AND h.key = o.channel)`;
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
  const [rows, sums] = await Promise.all([
    pool.query<DifferenceAt>(
      `${differingAt(by, of)}
       SELECT order_key AS "orderKey", reference AS "order", label AS part, amount::bigint AS amount ${from}
        ORDER BY abs(amount) DESC, order_key, key LIMIT ${DIFFERENCES_SHOWN} OFFSET $7`,
      [...params, (page - 1) * DIFFERENCES_SHOWN],
    ),
    pool.query<{ count: number; sum: Minor }>(
      `${differingAt(by, of)} SELECT count(*)::int AS count, coalesce(sum(amount), 0)::bigint AS sum ${from}`,
      params,
    ),
  ]);
  return { rows: rows.rows, count: sums.rows[0]?.count ?? 0, sum: sums.rows[0]?.sum ?? 0n };
}
