import type { PoolClient } from "pg";
import type { Minor } from "@/lib/domain/money";
import { formArguments, isEmpty, type ReferenceRules } from "@/lib/matching/reference-rules";
import type { RulesOf } from "./schema";

/** How many examples are shown of what rules would do: enough to judge them by, few enough to read. */
export const EXAMPLES = 10;

/** What rules would do to the documents of a connection, were they in force. */
export type RulesPreview = Readonly<{
  /** documents that are on their own now and would be with an order */
  won: number;
  wonGross: readonly Readonly<{ currency: string; gross: Minor }>[];
  examples: readonly Readonly<{ number: string; reference: string; order: string }>[];
  /** documents that rules in force have placed and these would not, or elsewhere */
  lost: number;
  /** documents whose reference would mean several orders: none of them gets it */
  ambiguous: number;
  /** normalised references that several orders of the entity would share */
  collisions: number;
  collisionExamples: readonly Readonly<{ form: string; orders: readonly string[] }>[];
}>;

/**
 * What rules would do, on the whole population and without writing anything. A form that several orders would share
 * names none of them, unless exactly one of them bears it as its reference.
 */
export async function previewRules(
  client: PoolClient,
  { entityId, connectionId }: RulesOf,
  rules: ReferenceRules,
): Promise<RulesPreview> {
  const values = [entityId, connectionId, ...formArguments(rules)];
  const { rows } = await client.query<{
    won: number;
    lost: number;
    ambiguous: number;
    collisions: number;
    won_gross: RulesPreview["wonGross"] | null;
  }>(
    `${VERDICTS}
     SELECT count(*) FILTER (WHERE NOT order_known AND meant IS NOT NULL)::int AS won,
            count(*) FILTER (WHERE order_known AND meant IS DISTINCT FROM order_key)::int AS lost,
            count(*) FILTER (WHERE NOT order_known AND meant IS NULL AND orders > 1)::int AS ambiguous,
            (SELECT count(*) FROM shared)::int AS collisions
       FROM judged`,
    values,
  );
  const { rows: wonGross } = await client.query<{ currency: string; gross: bigint }>(
    `${VERDICTS}
     SELECT j.currency, sum(l.gross)::bigint AS gross FROM judged j
       JOIN line l ON l.order_key = j.order_key AND l.document_id = j.id AND l.in_books
      WHERE NOT j.order_known AND j.meant IS NOT NULL GROUP BY 1 ORDER BY 1`,
    values,
  );
  const { rows: examples } = await client.query<RulesPreview["examples"][number]>(
    `${VERDICTS}
     SELECT j.number, j.reference, o.reference AS "order" FROM judged j JOIN sales_order o ON o.order_key = j.meant
      WHERE NOT j.order_known ORDER BY j.number, j.id LIMIT ${EXAMPLES}`,
    values,
  );
  const { rows: collisionExamples } = await client.query<RulesPreview["collisionExamples"][number]>(
    `${VERDICTS}
     SELECT s.form, (array_agg(DISTINCT o.reference ORDER BY o.reference))[1:5] AS orders
       FROM (SELECT form FROM shared ORDER BY form LIMIT ${EXAMPLES}) s
       JOIN forms f ON f.form = s.form JOIN sales_order o ON o.order_key = f.order_key
      GROUP BY s.form ORDER BY s.form`,
    values,
  );
  const [counts] = rows;
  if (!counts) throw new Error("a count without groups has one row");
  return {
    won: isEmpty(rules) ? 0 : counts.won,
    wonGross,
    examples,
    lost: counts.lost,
    ambiguous: counts.ambiguous,
    collisions: counts.collisions,
    collisionExamples,
  };
}

// Read once over all names; orders that share a form are grouped by hash, so the work grows with the names, not with their pairs.
const VERDICTS = `
  WITH forms AS MATERIALIZED (
    SELECT DISTINCT a.order_key, tieout_form(a.alias, $3, $4, $5, $6) AS form,
           tieout_form(a.alias, $3, $4, $5, $6) IS NOT DISTINCT FROM tieout_form(o.reference, $3, $4, $5, $6) AS bears
      FROM order_alias a LEFT JOIN sales_order o ON o.order_key = a.order_key WHERE a.entity_id = $1),
  meanings AS MATERIALIZED (
    SELECT form, count(DISTINCT order_key) AS orders, count(DISTINCT order_key) FILTER (WHERE bears) AS bearers,
           min(order_key::text) FILTER (WHERE bears) AS bearer, min(order_key::text) AS only
      FROM forms WHERE form IS NOT NULL GROUP BY form),
  shared AS (SELECT form FROM meanings WHERE bearers > 1 OR (bearers = 0 AND orders > 1)),
  judged AS MATERIALIZED (
    SELECT d.id, d.order_key, d.order_known, d.number, d.reference, d.currency, m.orders,
           CASE WHEN m.bearers = 1 THEN m.bearer::uuid WHEN m.bearers = 0 AND m.orders = 1 THEN m.only::uuid END AS meant
      FROM document d LEFT JOIN meanings m ON m.form = tieout_form(d.reference, $3, $4, $5, $6)
     WHERE d.entity_id = $1 AND d.connection_id = $2 AND d.side = 'erp' AND d.reference IS NOT NULL
       AND (d.placed_by = 'normalised-reference' OR (NOT d.order_known AND d.placed_by IS NULL)))`;

/** Beginnings, and endings, that are tried of each side: the most frequent ones; what is rarer is a person's to type. */
export const CANDIDATES_MAX = 5;

type Part = (rules: ReferenceRules) => ReferenceRules;

/**
 * Rules proposed from what stands alone: the parts (beginnings, endings, separators, zeros) with which more documents
 * find exactly one order and no more orders share a form than as they stand. All parts together are tried first and
 * those taken out that do nothing or harm; where that leaves nothing, part by part is added. So each part is tried
 * twice at most, and combinations are not searched. Null where nothing helps.
 */
export async function proposeRules(
  client: PoolClient,
  of: RulesOf,
): Promise<Readonly<{ rules: ReferenceRules; preview: RulesPreview }> | null> {
  const parts = await partsOf(client, of);
  const tried = async (chosen: readonly Part[]) => {
    const rules = chosen.reduce((all, part) => part(all), EMPTY);
    return { chosen, rules, preview: await previewRules(client, of, rules) };
  };
  const nothing = await tried([]);
  const isGood = ({ preview }: typeof nothing) =>
    preview.won > 0 && preview.collisions <= nothing.preview.collisions;
  let best = await tried(parts);
  for (const part of parts) {
    const without = await tried(best.chosen.filter((one) => one !== part));
    const isCleaner = without.preview.collisions < best.preview.collisions;
    if (isCleaner || without.preview.won >= best.preview.won) best = without;
  }
  if (isGood(best)) return best;
  best = nothing;
  for (const part of parts) {
    const more = await tried([...best.chosen, part]);
    if (isGood(more) && more.preview.won > best.preview.won) best = more;
  }
  return isGood(best) ? best : null;
}

const EMPTY: ReferenceRules = { prefixes: [], suffixes: [], separators: "", leadingZeros: false };

async function partsOf(client: PoolClient, of: RulesOf): Promise<readonly Part[]> {
  const beginnings = await affixes(client, of, "^[^0-9]+");
  const endings = await affixes(client, of, "([^0-9]+|[-/._ ][0-9]{1,2})$");
  return [
    ...endings.map(
      (one): Part =>
        (rules) => ({ ...rules, suffixes: [...rules.suffixes, one] }),
    ),
    ...beginnings.map(
      (one): Part =>
        (rules) => ({ ...rules, prefixes: [...rules.prefixes, one] }),
    ),
    (rules) => ({ ...rules, separators: "-/._ " }),
    (rules) => ({ ...rules, leadingZeros: true }),
  ];
}

/** The most frequent beginnings (or endings) of what stands alone, and of the orders. Digits in them are any digits. */
async function affixes(
  client: PoolClient,
  { entityId, connectionId }: RulesOf,
  pattern: string,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ affix: string }>(
    `(SELECT regexp_replace(substring(lower(btrim(reference)) FROM $3), '[0-9]', '#', 'g') AS affix, count(*) FROM document
       WHERE entity_id = $1 AND connection_id = $2 AND side = 'erp' AND NOT order_known AND placed_by IS NULL
         AND reference IS NOT NULL
       GROUP BY 1 HAVING regexp_replace(substring(lower(btrim(reference)) FROM $3), '[0-9]', '#', 'g') IS NOT NULL
       ORDER BY 2 DESC, 1 LIMIT ${CANDIDATES_MAX})
     UNION ALL
     (SELECT regexp_replace(substring(lower(btrim(reference)) FROM $3), '[0-9]', '#', 'g'), count(*) FROM sales_order
       WHERE entity_id = $1 GROUP BY 1
       HAVING regexp_replace(substring(lower(btrim(reference)) FROM $3), '[0-9]', '#', 'g') IS NOT NULL
       ORDER BY 2 DESC, 1 LIMIT ${CANDIDATES_MAX})`,
    [entityId, connectionId, pattern],
  );
  return [...new Set(rows.map((row) => row.affix))].filter((affix) => affix.length <= 20);
}
