import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import { ONE_CHANNEL } from "@/lib/domain/group";
import type { KnownAmounts, Minor } from "@/lib/domain/money";
import {
  type AccountClass,
  type AccountRow,
  accountClasses,
  type SideSum,
  sumOfSide,
  type VatRow,
} from "@/lib/domain/vat";
import { linesAt } from "./lines-at";

/** The VAT and the accounts of a month, out of one look at its lines. */
export type MonthByTax = Readonly<{ vat: readonly VatRow[]; accounts: readonly AccountRow[] }>;

const SUMS = ["lines", "unknown", "net", "tax", "gross"] as const;
const bothSides = ["scayle", "erp"]
  .flatMap((side) =>
    SUMS.map(
      (name) =>
        `coalesce(sum(${name}) FILTER (WHERE side = '${side}'), 0)::${name === "lines" || name === "unknown" ? "int" : "bigint"} AS ${side}_${name}`,
    ),
  )
  .join(", ");
const columns = ["scayle", "erp"].flatMap((side) => SUMS.map((name) => `${side}_${name}`)).join(", ");

/** By what lines of one cell are alike, in this order; what their sums are. */
const PLACE = "side, currency, country, channel_type, channel, rate, code, day, kind, document_kind, account";
const CELL_SUMS = ["lines", "unknown", "net", "tax", "gross", "discount"] as const;

/** Sums that are kept, place by place, with the codes that mean "none" taken for none. */
const CELLS_OF_KEPT = `cells AS MATERIALIZED (
    SELECT k.side, k.currency, k.country::text AS country, k.channel_type, k.channel, k.rate,
           CASE WHEN k.side = 'erp' AND k.code = ANY (e.none_tax_codes) THEN '' ELSE coalesce(k.code, '') END AS code, k.day, k.kind,
           k.document_kind, k.account, ${CELL_SUMS.map((name) => `sum(${name})::bigint AS ${name}`).join(", ")}
      FROM kept k JOIN entity e ON e.id = $1
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    HAVING ${CELL_SUMS.map((name) => `sum(${name}) <> 0`).join(" OR ")})`;

// The lines that the totals of the tie-out are the sum of: of the books, whose sums are kept as they are written (line_cell), less
// what a rule leaves out, which is looked up, for it is little.
const CELLS = `
  left_out AS MATERIALIZED (
    SELECT x.order_key, x.line_id FROM pair p
      JOIN pair_line x ON x.order_key = p.order_key AND x.pair_id = p.id AND x.group_key = p.order_key
     WHERE p.entity_id = $1 AND p.period = $2 AND p.bucket = 'excluded'
    UNION ALL
    SELECT x.order_key, x.line_id FROM pair p
      JOIN pair_line x ON x.group_key = p.order_key AND x.group_key <> x.order_key AND x.pair_id = p.id
     WHERE p.entity_id = $1 AND p.period = $2 AND p.bucket = 'excluded'),
  kept AS (
    SELECT ${PLACE}, ${CELL_SUMS.join(", ")} FROM line_cell WHERE entity_id = $1 AND period = $2
    UNION ALL
    SELECT l.side, l.currency, coalesce(d.ship_to, o.ship_to), o.channel_type, o.channel, round(l.tax_rate, 4), l.tax_code, l.day, l.kind,
           l.document_kind, l.account, -1, -(l.net IS NULL OR l.tax IS NULL)::int, -coalesce(l.net, 0), -coalesce(l.tax, 0), -l.gross,
           -coalesce(l.discount, 0)
      FROM left_out n
      JOIN line l ON l.order_key = n.order_key AND l.id = n.line_id
      LEFT JOIN document d ON d.order_key = l.order_key AND d.id = l.document_id
      LEFT JOIN sales_order o ON o.order_key = l.order_key
     WHERE l.entity_id = $1 AND l.period = $2 AND l.in_books),
  ${CELLS_OF_KEPT}`;

/** The same cells of the lines as they were held at the moment $3. */
const CELLS_AT = `${linesAt("$3")},
  cells AS MATERIALIZED (
    SELECT b.side, b.currency, b.ship_to AS country, b.channel_type, b.channel, round(b.tax_rate, 4) AS rate,
           CASE WHEN b.side = 'erp' AND b.tax_code = ANY (e.none_tax_codes) THEN '' ELSE coalesce(b.tax_code, '') END AS code, b.day, b.kind,
           b.document_kind, b.account, count(*) AS lines, count(*) FILTER (WHERE b.net IS NULL OR b.tax IS NULL) AS unknown,
           sum(b.net) AS net, sum(b.tax) AS tax, sum(b.gross) AS gross, sum(b.discount) AS discount
      FROM booked b JOIN entity e ON e.id = $1 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)`;

/** The same cells of what is locked of the month, under its newest lock: summed when it was made. */
const CELLS_LOCKED = `
  kept AS (
    SELECT ${PLACE}, ${CELL_SUMS.join(", ")} FROM locked_cell
     WHERE entity_id = $1 AND month = $2 AND lock_no = (SELECT max(lock_no) FROM locked_period WHERE entity_id = $1 AND month = $2)),
  ${CELLS_OF_KEPT}`;

// SCAYLE states no code: its lines stand under the one that the confirmed mapping has for where they go, how they were sold and
// their rate on that day.
const BY_TAX = `
  coded AS (
    SELECT c.*, (
             SELECT string_agg(DISTINCT m.tax_code, ' or ' ORDER BY m.tax_code) FROM tax_mapping m
              WHERE m.entity_id = $1 AND m.confirmed_at IS NOT NULL AND m.ship_to = c.country AND m.channel IN ('*', c.channel_type, '${ONE_CHANNEL}' || c.channel)
                AND round(m.rate, 4) = c.rate AND c.day >= coalesce(m.valid_from, c.day) AND c.day <= coalesce(m.valid_until, c.day)) AS right_code
      FROM cells c),
  placed AS (
    SELECT side, currency, country, rate, CASE side WHEN 'erp' THEN code ELSE right_code END AS code,
           CASE side WHEN 'erp' THEN coalesce(code = ANY (string_to_array(right_code, ' or ')), false) ELSE right_code IS NOT NULL END AS mapped,
           lines, unknown, net, tax, gross FROM coded),
  classed AS (
    SELECT side, currency, account, CASE
             WHEN kind = 'item' AND document_kind = 'sale' THEN 'revenue' WHEN kind = 'item' THEN 'refunds'
             WHEN kind = 'shipping' AND document_kind = 'sale' THEN 'shipping' WHEN kind = 'shipping' THEN 'shipping-refunds'
             WHEN kind = 'discount' THEN 'discounts' WHEN kind = 'gift_card' THEN 'gift-cards' WHEN kind = 'rounding' THEN 'rounding'
             WHEN kind = 'header' THEN 'header' ELSE 'fees' END AS class, lines, unknown, net, tax, gross, discount
      FROM cells),
  vat AS (
    SELECT currency, country, rate, code, bool_and(mapped) AS mapped, ${bothSides} FROM placed GROUP BY currency, country, rate, code),
  accounts AS (
    SELECT currency, class, account, ${bothSides}, coalesce(sum(discount) FILTER (WHERE side = 'erp'), 0)::bigint AS discount
      FROM classed GROUP BY currency, class, account)
  SELECT NULL AS class, currency, country, trim_scale(rate)::text AS rate, code, mapped, NULL AS account, ${columns}, 0::bigint AS discount
    FROM vat
  UNION ALL
  SELECT class, currency, NULL, NULL, NULL, NULL, account, ${columns}, discount FROM accounts`;

type Sums = Readonly<Record<`${"scayle" | "erp"}_${"net" | "tax" | "gross"}`, Minor>> &
  Readonly<Record<`${"scayle" | "erp"}_${"lines" | "unknown"}`, number>>;

const sideOf = (row: Sums, side: "scayle" | "erp"): SideSum => ({
  lines: row[`${side}_lines`],
  unknown: row[`${side}_unknown`],
  net: row[`${side}_net`],
  tax: row[`${side}_tax`],
  gross: row[`${side}_gross`],
});

type Row = Sums &
  Readonly<{
    /** null: a row of the VAT */
    class: AccountClass | null;
    currency: string;
    country: string | null;
    rate: string | null;
    code: string | null;
    mapped: boolean | null;
    account: string | null;
    discount: Minor;
  }>;

/**
 * The lines that a month's totals are the sum of, by country, rate and code, and by kind and account: from the sums that are kept of
 * them. `at`: of the lines as they were held at a moment, under the codes of today's mapping, which looks at each; null: now.
 */
export async function findByTax(
  pool: pg.Pool,
  entityId: string,
  month: Month,
  at: Date | null = null,
): Promise<MonthByTax> {
  const { rows } = at
    ? await pool.query<Row>(`WITH ${CELLS_AT}, ${BY_TAX}`, [entityId, month, at])
    : await pool.query<Row>(`WITH ${CELLS}, ${BY_TAX}`, [entityId, month]);
  return byTax(rows);
}

/** The same of what is locked of a month that was closed, by where goods go, rate, code, kind and account. */
export async function findLockedByTax(pool: pg.Pool, entityId: string, month: Month): Promise<MonthByTax> {
  const { rows } = await pool.query<Row>(`WITH ${CELLS_LOCKED}, ${BY_TAX}`, [entityId, month]);
  return byTax(rows);
}

function byTax(rows: readonly Row[]): MonthByTax {
  const vat: VatRow[] = [];
  const accounts: AccountRow[] = [];
  for (const row of rows) {
    const sides = { currency: row.currency, scayle: sideOf(row, "scayle"), erp: sideOf(row, "erp") };
    if (row.class === null)
      vat.push({
        ...sides,
        country: row.country,
        rate: row.rate,
        code: row.code,
        mapped: row.mapped ?? false,
      });
    else accounts.push({ ...sides, class: row.class, account: row.account, erpDiscount: row.discount });
  }
  return { vat: vat.sort(byPlace), accounts: accounts.sort(byClass) };
}

const words = (a: string | null, b: string | null): number =>
  (a ?? "\uffff") < (b ?? "\uffff") ? -1 : (a ?? "\uffff") > (b ?? "\uffff") ? 1 : 0;

/** By currency and country, the higher rate first. */
const byPlace = (a: VatRow, b: VatRow): number =>
  words(a.currency, b.currency) ||
  words(a.country, b.country) ||
  words(b.rate, a.rate) ||
  words(a.code, b.code);

const byClass = (a: AccountRow, b: AccountRow): number =>
  words(a.currency, b.currency) ||
  accountClasses.indexOf(a.class) - accountClasses.indexOf(b.class) ||
  words(a.account, b.account);

const lessOf = (now: SideSum | undefined, before: SideSum | undefined): SideSum => ({
  lines: (now?.lines ?? 0) - (before?.lines ?? 0),
  unknown: (now?.unknown ?? 0) - (before?.unknown ?? 0),
  net: (now?.net ?? 0n) - (before?.net ?? 0n),
  tax: (now?.tax ?? 0n) - (before?.tax ?? 0n),
  gross: (now?.gross ?? 0n) - (before?.gross ?? 0n),
});

const isNothing = (sum: SideSum): boolean => Object.values(sum).every((figure) => BigInt(figure) === 0n);

/** What rows come to now beyond what they came to before, live − locked, row by row; those that did not move are left out. */
function rowsSince<Row extends Readonly<Record<"scayle" | "erp", SideSum>>>(
  now: readonly Row[],
  before: readonly Row[],
  keyOf: (row: Row) => string,
): readonly Readonly<{ row: Row; had: Row | undefined }>[] {
  const had = new Map(before.map((row) => [keyOf(row), row]));
  const has = new Map(now.map((row) => [keyOf(row), row]));
  return [...new Set([...has.keys(), ...had.keys()])].flatMap((key) => {
    const either = has.get(key) ?? had.get(key);
    if (!either) return [];
    const row = {
      ...either,
      scayle: lessOf(has.get(key)?.scayle, had.get(key)?.scayle),
      erp: lessOf(has.get(key)?.erp, had.get(key)?.erp),
    };
    return isNothing(row.scayle) && isNothing(row.erp) ? [] : [{ row, had: had.get(key) }];
  });
}

/** What came to a closed month's VAT and accounts since: live − locked. */
export function byTaxSince(now: MonthByTax, locked: MonthByTax): MonthByTax {
  const vat = rowsSince(now.vat, locked.vat, (row) =>
    JSON.stringify([row.currency, row.country, row.rate, row.code]),
  );
  const accounts = rowsSince(now.accounts, locked.accounts, (row) =>
    JSON.stringify([row.currency, row.class, row.account]),
  );
  return {
    vat: vat.map(({ row }) => row).sort(byPlace),
    accounts: accounts
      .map(({ row, had }) => ({
        ...row,
        erpDiscount:
          (now.accounts.find(
            (one) => one.currency === row.currency && one.class === row.class && one.account === row.account,
          )?.erpDiscount ?? 0n) - (had?.erpDiscount ?? 0n),
      }))
      .sort(byClass),
  };
}

/** Whether rows of a currency add up to the totals that the month's tie-out shows, on both sides, in net, tax and gross. */
export function addsUpTo(
  rows: readonly Readonly<Record<"scayle" | "erp", SideSum>>[],
  totals: Readonly<Record<"scayle" | "erp", KnownAmounts>>,
): boolean {
  return (["scayle", "erp"] as const).every((side) => {
    const sum = sumOfSide(rows, side);
    return (["net", "tax", "gross"] as const).every((figure) => sum[figure] === totals[side][figure]);
  });
}
