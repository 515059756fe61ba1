import type pg from "pg";
import { holdSums, moveTotals, type Teller } from "./movements";
import { clearScope } from "./plain";

/** How many days a summary may be posted after the day it sums up: over a weekend. */
const DAYS_LATE = 3;

/**
 * Documents on their own that are looked at as summary postings, newest first. Real ones are few; thousands of
 * documents on their own mean that references are lost, which is what to mend then.
 */
export const SUMMARIES_MAX = 2000;

/** What finding summary postings came to: the groups that are not what they were, and what was not looked at, in words. */
export type SummariesKept = Readonly<{ changed: readonly string[]; notes: readonly string[] }>;

type Candidate = Readonly<{
  id: string;
  order_key: string;
  number: string;
  kind: string;
  late: number;
  /** empty: none is known */
  shop_id: string;
  channel: string;
  day: string;
  currency: string;
}>;

/**
 * Finds the documents on their own that sum up a day: those whose quantities, item by item, are exactly those of all
 * orders of one (shop, channel, day, kind) that have no document of their own. These sets are all that is compared;
 * parts of a day, or several days at once, are not searched. A set of one order must be of a day that the document's
 * reference names. Two sets that fit equally well give the document to neither.
 *
 * Writes down which lines of which orders each covers, takes away what earlier runs made of groups that are no longer
 * the same, and marks them. The same books give the same summaries, whatever was found before.
 */
export async function keepSummaries(
  client: pg.PoolClient,
  entityId: string,
  teller: Teller,
): Promise<SummariesKept> {
  const { rows } = await client.query<{ strays: number; kept: boolean }>(
    `SELECT (SELECT count(*)::int FROM document WHERE ${STRAY}) AS strays,
            EXISTS (SELECT FROM group_member WHERE entity_id = $1) AS kept`,
    [entityId],
  );
  const { strays = 0, kept = false } = rows[0] ?? {};
  if (strays === 0 && !kept) return { changed: [], notes: [] };
  const chosen = choose((await client.query<Candidate>(CANDIDATES, [entityId])).rows);
  await client.query(
    "CREATE TEMP TABLE member (order_key uuid, kind text, day date, group_key uuid) ON COMMIT DROP",
  );
  await client.query(COVER, [
    entityId,
    chosen.map((one) => one.order_key),
    chosen.map((one) => one.shop_id),
    chosen.map((one) => one.channel),
    chosen.map((one) => one.day),
    chosen.map((one) => one.kind),
    chosen.map((one) => one.currency),
  ]);
  const changed = await applyMembers(client, entityId, teller);
  const left = strays - SUMMARIES_MAX;
  return {
    changed,
    notes:
      left > 0
        ? [
            `${left} older ERP documents on their own were not looked at as summaries of a day (${SUMMARIES_MAX} are)`,
          ]
        : [],
  };
}

// A document that was found to be a summary is found again, or no longer, by the same look.
const STRAY = `entity_id = $1 AND side = 'erp' AND posted AND NOT order_known AND posting_day IS NOT NULL
  AND (placed_by IS NULL OR placed_by = 'summary-posting')`;

const OWN_DOCUMENT = `SELECT FROM document o WHERE o.order_key = line.order_key AND o.side = 'erp'
  AND o.kind = line.document_kind AND o.posted`;

// Baskets are compared by their text: items in order, each with its quantity.
const BASKET = `string_agg(item_key || ' ' || trim_scale(units)::text, chr(31) ORDER BY item_key)`;

const CANDIDATES = `
  WITH stray AS MATERIALIZED (
    SELECT order_key, id, number, kind, currency, posting_day, coalesce(reference, '') AS reference FROM document
     WHERE ${STRAY} AND NOT EXISTS (
       SELECT FROM document x WHERE x.order_key = document.order_key AND x.id <> document.id)
     ORDER BY posting_day DESC, number, id LIMIT ${SUMMARIES_MAX}),
  summed AS (
    SELECT id, ${BASKET} AS basket FROM (
      SELECT s.id, l.item_key, sum(abs(l.quantity)) AS units FROM stray s
        JOIN line l ON l.order_key = s.order_key AND l.document_id = s.id
       WHERE l.kind = 'item' AND l.granularity = 'item' AND l.in_books GROUP BY 1, 2) u
     GROUP BY id),
  days AS MATERIALIZED (
    SELECT DISTINCT posting_day - late AS day, kind FROM stray CROSS JOIN generate_series(0, ${DAYS_LATE}) AS late),
  free AS MATERIALIZED (
    SELECT line.order_key, coalesce(line.shop_id, '') AS shop_id, coalesce(line.channel, '') AS channel, line.day,
           line.document_kind, line.currency, line.item_key, abs(line.quantity) AS quantity
      FROM line JOIN days ON days.day = line.day AND days.kind = line.document_kind
     WHERE line.entity_id = $1 AND line.side = 'scayle' AND line.in_books AND line.kind = 'item'
       AND line.period IN (SELECT DISTINCT to_char(day, 'YYYY-MM') FROM days)
       AND NOT EXISTS (${OWN_DOCUMENT})),
  sold AS (
    SELECT shop_id, channel, day, document_kind, currency, ${BASKET} AS basket FROM (
      SELECT shop_id, channel, day, document_kind, currency, item_key, sum(quantity) AS units
        FROM free GROUP BY 1, 2, 3, 4, 5, 6) u
     GROUP BY 1, 2, 3, 4, 5),
  sizes AS (
    SELECT shop_id, channel, day, document_kind, currency, count(DISTINCT order_key) AS orders
      FROM free GROUP BY 1, 2, 3, 4, 5)
  SELECT s.id, s.order_key, s.number, s.kind, s.posting_day - d.day AS late, d.shop_id, d.channel, d.day::text AS day, d.currency
    FROM stray s JOIN summed b USING (id)
    JOIN sold d ON d.document_kind = s.kind AND d.currency = s.currency AND d.basket = b.basket
     AND d.day BETWEEN s.posting_day - ${DAYS_LATE} AND s.posting_day
    JOIN sizes z ON (z.shop_id, z.channel, z.day, z.document_kind, z.currency)
           = (d.shop_id, d.channel, d.day, d.document_kind, d.currency)
   WHERE z.orders > 1 OR strpos(s.reference, d.day::text) > 0 OR strpos(s.reference, to_char(d.day, 'YYYYMMDD')) > 0
   ORDER BY s.number, s.id`;

/** Each document with the one set that is nearest to its day, each set with the first document that means it. */
function choose(candidates: readonly Candidate[]): readonly Candidate[] {
  const byDocument = new Map<string, Candidate[]>();
  for (const one of candidates) byDocument.set(one.id, [...(byDocument.get(one.id) ?? []), one]);
  const setOf = (one: Candidate) =>
    [one.shop_id, one.channel, one.day, one.kind, one.currency].join("\u001f");
  const taken = new Set<string>();
  return [...byDocument.values()].flatMap((all) => {
    const nearest = Math.min(...all.map((one) => one.late));
    const [only, ...others] = all.filter((one) => one.late === nearest);
    if (!only || others.length > 0 || taken.has(setOf(only))) return [];
    taken.add(setOf(only));
    return [only];
  });
}

const COVER = `
  INSERT INTO member
  SELECT DISTINCT line.order_key, line.document_kind, line.day, c.group_key
    FROM unnest($2::uuid[], $3::text[], $4::text[], $5::date[], $6::text[], $7::text[])
           AS c(group_key, shop_id, channel, day, kind, currency)
    JOIN line ON line.entity_id = $1 AND line.side = 'scayle' AND line.period = to_char(c.day, 'YYYY-MM') AND line.day = c.day
     AND line.document_kind = c.kind AND line.currency = c.currency AND line.in_books
     AND coalesce(line.shop_id, '') = c.shop_id AND coalesce(line.channel, '') = c.channel
   WHERE NOT EXISTS (${OWN_DOCUMENT})`;

/** Brings what is kept to what was found. Groups that gained or lost lines lose what earlier runs made of them. */
async function applyMembers(
  client: pg.PoolClient,
  entityId: string,
  teller: Teller,
): Promise<readonly string[]> {
  await client.query("CREATE TEMP TABLE scope (order_key uuid PRIMARY KEY) ON COMMIT DROP");
  const { rows } = await client.query<{ order_key: string }>(
    `INSERT INTO scope
     WITH kept AS (SELECT order_key, kind, day, group_key FROM group_member WHERE entity_id = $1),
          changed AS ((SELECT * FROM kept EXCEPT SELECT * FROM member) UNION (SELECT * FROM member EXCEPT SELECT * FROM kept))
     SELECT order_key FROM changed UNION SELECT group_key FROM changed RETURNING order_key`,
    [entityId],
  );
  if (rows.length > 0) {
    // A line must have left its old group before any other takes it up: slices do not wait for each other.
    await holdSums(client);
    await clearScope(client);
    await moveTotals(client, 0, teller);
    await client.query(
      `INSERT INTO dirty_group (order_key, entity_id, since) SELECT order_key, $1, $2 FROM scope
       ON CONFLICT (order_key) DO UPDATE SET since = excluded.since`,
      [entityId, teller.at],
    );
    await client.query(
      "DELETE FROM group_member m USING scope WHERE m.order_key = scope.order_key AND m.entity_id = $1",
      [entityId],
    );
    await client.query(
      `INSERT INTO group_member (order_key, entity_id, kind, day, group_key)
       SELECT m.order_key, $1, m.kind, m.day, m.group_key FROM member m JOIN scope USING (order_key)`,
      [entityId],
    );
  }
  await client.query(
    `UPDATE document SET placed_by = CASE WHEN m.group_key IS NULL THEN NULL ELSE 'summary-posting' END
       FROM document d LEFT JOIN (SELECT DISTINCT group_key FROM member) m ON m.group_key = d.order_key
      WHERE d.entity_id = $1 AND d.side = 'erp' AND NOT d.order_known
        AND (m.group_key IS NOT NULL OR d.placed_by = 'summary-posting')
        AND document.order_key = d.order_key AND document.id = d.id
        AND document.placed_by IS DISTINCT FROM CASE WHEN m.group_key IS NULL THEN NULL ELSE 'summary-posting' END`,
    [entityId],
  );
  await client.query("DROP TABLE scope, member");
  return rows.map((row) => row.order_key);
}
