import type pg from "pg";
import type { Month } from "@/lib/domain/day";
import type { KnownAmounts, Minor } from "@/lib/domain/money";

/** What a group has in a closed month beyond what was locked of it, in one currency; minor units, now − locked. */
export type LateArrival = Readonly<{
  orderKey: string;
  reference: string | null;
  currency: string;
  scayle: KnownAmounts;
  erp: KnownAmounts;
  /** what its causes come to now, less what they came to: SCAYLE − ERP, gross; causes that did not move are left out */
  causes: readonly Readonly<{ code: string; gross: Minor; tax: Minor }>[];
  /** the newest of its documents' versions since the lock */
  document: string | null;
  what: string | null;
  at: Date | null;
}>;

/** Late arrivals of a month in one currency, and what they must come to: what counts now less what is locked. */
export type LateSum = Readonly<{
  currency: string;
  count: number;
  scayle: Minor;
  erp: Minor;
  /** of the same what is tax */
  scayleTax: Minor;
  erpTax: Minor;
  /** what is locked of both sides, gross */
  lockedScayle: Minor;
  lockedErp: Minor;
  /** Σ late arrivals = live − locked; false is a defect of ours */
  holds: boolean;
}>;

export type Late = Readonly<{
  arrivals: readonly LateArrival[];
  sums: readonly LateSum[];
}>;

/** The key of movements of very many groups that were matched first together: they name none. */
const MANY = "00000000-0000-0000-0000-000000000000";

// Only what moved since the month was closed can differ from what was locked; where movements name no groups, all are looked at.
const CANDIDATES = `
  since AS (
    SELECT max(locked_at) AS at FROM locked_period WHERE entity_id = $1 AND month = $2 AND order_key IS NULL),
  touched AS MATERIALIZED (
    SELECT DISTINCT e.order_key FROM tally_event e, since WHERE e.entity_id = $1 AND e.period = $2 AND e.at > since.at)`;

const AMONG = "order_key IN (SELECT order_key FROM touched) AND ";

// Of a group the newest lock that holds it counts.
const heldOf = (among: string): string => `${CANDIDATES},
  held AS MATERIALIZED (
    SELECT order_key, max(lock_no) AS lock_no FROM locked_group WHERE ${among}entity_id = $1 AND month = $2 GROUP BY 1),
  live AS MATERIALIZED (
    SELECT order_key, currency, sum(scayle_net) AS sn, sum(scayle_tax) AS st, sum(scayle_gross) AS sg,
           sum(erp_net) AS en, sum(erp_tax) AS et, sum(erp_gross) AS eg
      FROM pair WHERE ${among}entity_id = $1 AND period = $2 AND bucket <> 'excluded' GROUP BY 1, 2),
  locked AS MATERIALIZED (
    SELECT p.order_key, p.currency, sum(scayle_net) AS sn, sum(scayle_tax) AS st, sum(scayle_gross) AS sg,
           sum(erp_net) AS en, sum(erp_tax) AS et, sum(erp_gross) AS eg
      FROM locked_pair p JOIN held h ON h.order_key = p.order_key AND h.lock_no = p.lock_no
     WHERE p.entity_id = $1 AND p.month = $2 AND p.bucket <> 'excluded' GROUP BY 1, 2),
  moved AS MATERIALIZED (
    SELECT coalesce(n.order_key, l.order_key) AS order_key, coalesce(n.currency, l.currency) AS currency,
           (coalesce(n.sn, 0) - coalesce(l.sn, 0))::bigint AS sn, (coalesce(n.st, 0) - coalesce(l.st, 0))::bigint AS st,
           (coalesce(n.sg, 0) - coalesce(l.sg, 0))::bigint AS sg, (coalesce(n.en, 0) - coalesce(l.en, 0))::bigint AS en,
           (coalesce(n.et, 0) - coalesce(l.et, 0))::bigint AS et, (coalesce(n.eg, 0) - coalesce(l.eg, 0))::bigint AS eg
      FROM live n FULL JOIN locked l ON l.order_key = n.order_key AND l.currency = n.currency
     WHERE (n.sn, n.st, n.sg, n.en, n.et, n.eg) IS DISTINCT FROM (l.sn, l.st, l.sg, l.en, l.et, l.eg))`;

/**
 * What came to a closed month after it was locked: each group whose figures are others than those that were locked, the largest
 * first, at most `limit`; and the sums of all of them, checked against the totals that matching keeps.
 */
export async function findLate(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
  limit = 100,
): Promise<Late> {
  const { rows: many } = await client.query(
    `WITH ${CANDIDATES} SELECT FROM touched WHERE order_key = '${MANY}'`,
    [entityId, month],
  );
  const [found, sums] = await Promise.all([
    client.query<FoundRow>(
      `WITH ${heldOf(many.length > 0 ? "" : AMONG)},
       shown AS (SELECT * FROM moved ORDER BY greatest(abs(sg), abs(eg), abs(st), abs(et)) DESC, order_key, currency LIMIT $3),
       causes AS (
         SELECT order_key, currency, jsonb_agg(jsonb_build_object('code', code, 'gross', gross::text, 'tax', tax::text) ORDER BY code) AS causes
           FROM (
             SELECT order_key, currency, code, sum(gross) AS gross, sum(tax) AS tax FROM (
               SELECT c.order_key, c.currency, c.code, c.gross, c.tax FROM cause c
                WHERE c.entity_id = $1 AND c.period = $2 AND c.order_key IN (SELECT order_key FROM shown)
               UNION ALL
               SELECT c.order_key, c.currency, c.code, -c.gross, -c.tax FROM locked_cause c JOIN held h USING (order_key, lock_no)
                WHERE c.entity_id = $1 AND c.month = $2 AND c.order_key IN (SELECT order_key FROM shown)) both_sides
              GROUP BY 1, 2, 3 HAVING sum(gross) <> 0 OR sum(tax) <> 0) one GROUP BY 1, 2)
       SELECT * FROM (
         SELECT s.order_key AS "orderKey", o.reference, s.currency, s.sn, s.st, s.sg, s.en, s.et, s.eg, coalesce(c.causes, '[]') AS causes,
                v.number AS document, v.reason AS what, v.seen_at AS at, NULL::int AS count
           FROM shown s LEFT JOIN causes c USING (order_key, currency) LEFT JOIN sales_order o ON o.order_key = s.order_key
           LEFT JOIN LATERAL (
             SELECT v.content ->> 'number' AS number, v.reason, v.seen_at FROM document_version v
              WHERE v.order_key = s.order_key AND v.seen_at > (
                SELECT max(locked_at) FROM locked_period WHERE entity_id = $1 AND month = $2)
              ORDER BY v.seen_at DESC, v.document_id LIMIT 1) v ON true
         UNION ALL
         SELECT NULL, NULL, currency, 0, sum(st)::bigint, sum(sg)::bigint, 0, sum(et)::bigint, sum(eg)::bigint, '[]', NULL, NULL, NULL, count(*)::int FROM moved GROUP BY currency) r
        ORDER BY greatest(abs(sg), abs(eg), abs(st), abs(et)) DESC, "orderKey", currency`,
      [entityId, month, limit],
    ),
    client.query<Pick<LateSum, "currency" | "lockedScayle" | "lockedErp" | "scayle" | "erp">>(
      `WITH kept AS (
         SELECT key AS currency, (value -> 'scayle' ->> 'gross')::bigint AS sg, (value -> 'erp' ->> 'gross')::bigint AS eg
           FROM locked_period, jsonb_each(figures)
          WHERE entity_id = $1 AND month = $2 AND lock_no = (SELECT max(lock_no) FROM locked_period WHERE entity_id = $1 AND month = $2)),
       now AS (
         SELECT currency, sum(scayle_gross)::bigint AS sg, sum(erp_gross)::bigint AS eg FROM tally
          WHERE entity_id = $1 AND period = $2 AND kind = 'pair' AND key <> 'excluded' GROUP BY 1)
       SELECT currency, coalesce(kept.sg, 0)::bigint AS "lockedScayle", coalesce(kept.eg, 0)::bigint AS "lockedErp",
              (coalesce(now.sg, 0) - coalesce(kept.sg, 0))::bigint AS scayle, (coalesce(now.eg, 0) - coalesce(kept.eg, 0))::bigint AS erp
         FROM kept FULL JOIN now USING (currency)`,
      [entityId, month],
    ),
  ]);
  const late = new Map(
    found.rows.flatMap(({ orderKey, currency, count, sg, eg, st, et }) =>
      orderKey === null
        ? [[currency, { count: count ?? 0, scayle: sg, erp: eg, scayleTax: st, erpTax: et }] as const]
        : [],
    ),
  );
  const beyond = new Map(sums.rows.map((row) => [row.currency, row]));
  return {
    arrivals: found.rows.flatMap(({ count: _, orderKey, ...row }) =>
      orderKey === null ? [] : [arrivalOf({ ...row, orderKey })],
    ),
    sums: [...new Set([...late.keys(), ...beyond.keys()])].sort().map((currency) => {
      const sum = late.get(currency) ?? { count: 0, scayle: 0n, erp: 0n, scayleTax: 0n, erpTax: 0n };
      const all = beyond.get(currency);
      return {
        currency,
        ...sum,
        lockedScayle: all?.lockedScayle ?? 0n,
        lockedErp: all?.lockedErp ?? 0n,
        holds: sum.scayle === (all?.scayle ?? 0n) && sum.erp === (all?.erp ?? 0n),
      };
    }),
  };
}

type FoundRow = Omit<LateRow, "orderKey"> &
  Readonly<{
    /** null: the sum of all of a currency */
    orderKey: string | null;
    count: number | null;
  }>;
type LateRow = Readonly<{
  orderKey: string;
  reference: string | null;
  currency: string;
  sn: bigint;
  st: bigint;
  sg: bigint;
  en: bigint;
  et: bigint;
  eg: bigint;
  causes: readonly Readonly<{ code: string; gross: string; tax: string }>[];
  document: string | null;
  what: string | null;
  at: Date | null;
}>;

const arrivalOf = ({ sn, st, sg, en, et, eg, causes, ...rest }: LateRow): LateArrival => ({
  ...rest,
  scayle: { net: sn, tax: st, gross: sg },
  erp: { net: en, tax: et, gross: eg },
  causes: causes.map(({ code, gross, tax }) => ({ code, gross: BigInt(gross), tax: BigInt(tax) })),
});

/** The first open month after another: where its late arrivals are proposed to be corrected. Null: none is open yet. */
export async function nextOpenMonth(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<Month | null> {
  const { rows } = await client.query<{ month: Month }>(
    "SELECT month FROM period WHERE entity_id = $1 AND month > $2 AND state = 'open' ORDER BY month LIMIT 1",
    [entityId, month],
  );
  return rows[0]?.month ?? null;
}

/** The closed months whose late arrivals are proposed for a month: those since the last open one before it. */
export async function monthsCarriedInto(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
  month: Month,
): Promise<readonly Month[]> {
  const { rows } = await client.query<{ month: Month }>(
    `SELECT p.month FROM period p WHERE p.entity_id = $1 AND p.month < $2 AND p.state = 'closed'
        AND EXISTS (SELECT FROM period o WHERE o.entity_id = $1 AND o.month = $2 AND o.state = 'open')
        AND NOT EXISTS (SELECT FROM period o WHERE o.entity_id = $1 AND o.state = 'open' AND o.month > p.month AND o.month < $2)
      ORDER BY p.month`,
    [entityId, month],
  );
  return rows.map((row) => row.month);
}
