import "server-only";
import type { Pool } from "pg";
import { addDays, type Day } from "@/lib/domain/day";
import {
  type Card,
  type Contrast,
  contrastOf,
  type DayCounts,
  type Feature,
  type Merge,
  mergesOf,
  type Onset,
  onsetOf,
  type Profile,
  type Split,
  splitOf,
} from "./contrast";
import type { RootCause } from "./data";

/** What of a cause's documents is the fault itself: it tells the affected apart, and explains nothing. */
const SYMPTOMS: Readonly<Record<string, readonly string[]>> = {
  "tax-code-missing": ["ERP tax code"],
  "tax-code-wrong": ["ERP tax code"],
  "sale-missing-in-erp": ["ERP tax code", "document series"],
  "credit-missing-in-erp": ["ERP tax code", "document series"],
};

/** So many features at most are looked at together; each makes the table of counts twice as long. */
const FEATURES_MAX = 10;
/** Features that fewer of the affected have are left out (a tenth). */
const COVERAGE = 10;
/** How far the population is looked at from before the first affected day. */
const DAYS_BEFORE = 60;

/*
 * The population: what an order has of one kind (sale or credit) in the books, in the days in question, whichever side states
 * it. Its features come from the order, from the ERP's documents and from both sides' lines.
 */
const POPULATION = `
  pop AS (
    SELECT DISTINCT l.order_key, l.document_kind FROM line l
     WHERE l.entity_id = $1 AND l.in_books AND l.document_kind = ANY ($2::text[]) AND l.day BETWEEN $3::date AND $4::date
       AND l.period BETWEEN to_char($3::date, 'YYYY-MM') AND to_char($4::date, 'YYYY-MM')),
  trait AS (
    SELECT p.order_key, p.document_kind, f.name, f.value
      FROM pop p JOIN sales_order o USING (order_key),
           LATERAL (VALUES ('shop', o.shop_id), ('channel', coalesce(o.channel, o.channel_type)), ('ship-to', o.ship_to::text),
             ('currency', o.currency::text)) AS f(name, value)
     WHERE f.value IS NOT NULL
    UNION SELECT p.order_key, p.document_kind, 'document', p.document_kind FROM pop p
    UNION
    SELECT p.order_key, p.document_kind, 'document series', regexp_replace(d.number, '[0-9]+$', '')
      FROM pop p JOIN document d ON d.order_key = p.order_key AND d.kind = p.document_kind WHERE d.side = 'erp' AND d.posted
    UNION
    SELECT p.order_key, p.document_kind, f.name, f.value
      FROM pop p JOIN line l ON l.order_key = p.order_key AND l.document_kind = p.document_kind AND l.in_books,
           LATERAL (VALUES
             ('rate', CASE WHEN l.side = 'scayle' AND l.kind <> 'header' THEN trim_scale(l.tax_rate)::text END),
             ('item', CASE WHEN l.side = 'scayle' AND l.kind = 'item' THEN l.item_key END),
             ('charge', CASE WHEN l.side = 'scayle' AND l.kind NOT IN ('item', 'header') THEN l.kind END),
             ('ERP tax code', CASE WHEN l.side = 'erp' THEN coalesce(nullif(l.tax_code, ''), 'none') END)) AS f(name, value)
     WHERE f.value IS NOT NULL),
  affected AS (
    SELECT DISTINCT e.order_key, e.document_kind, e.root_cause_id FROM exception e
     WHERE e.entity_id = $1 AND e.root_cause_id = ANY ($5::uuid[]) AND e.state IN ('new', 'assigned', 'in-progress', 'waiting'))`;

type Marginal = Feature & Readonly<{ affected: number; total: number }>;

/** What the page says of a root cause's groups, against all others of their kind in the same days. */
export type Findings = Readonly<{
  contrast: Contrast;
  split: Split | null;
  merge: Merge | null;
  /** groups with the contrast's features in the days before the first affected one; null: nothing tells them apart */
  before: number | null;
  /** from which day on it is so, among the groups with the contrast's features */
  onset: Onset | null;
  /** the kinds of document that are affected: sale, credit */
  kinds: readonly string[];
}>;

type Of = Pick<RootCause, "entityId" | "id" | "cause" | "firstDay" | "lastDay">;

/** Counts the population of a root cause set-based, and says what tells its groups apart. */
export async function findingsOf(pool: Pool, root: Of): Promise<Findings | null> {
  const kinds = await kindsOf(pool, root);
  const marginals = await marginalsOf(pool, root, kinds);
  const affected = await affectedOf(pool, root, kinds);
  if (affected === 0) return null;
  const features = candidatesOf(marginals, affected);
  const profiles = await profilesOf(pool, root, kinds, features, root.firstDay, root.lastDay);
  const contrast = contrastOf(features, profiles);
  return {
    contrast,
    split: splitOf(features, profiles, contrast),
    merge: await mergeWith(pool, root, kinds),
    before: contrast.features.length === 0 ? null : await countBefore(pool, root, kinds, contrast.features),
    onset: onsetOf(await daysWith(pool, root, kinds, contrast.features)),
    kinds,
  };
}

/** Groups with all the features by their first day, affected or not. */
async function daysWith(pool: Pool, root: Of, kinds: readonly string[], features: readonly Feature[]) {
  const { rows } = await pool.query<DayCounts>(
    `WITH ${POPULATION},
     fits AS (
       SELECT t.order_key, t.document_kind FROM trait t JOIN unnest($6::text[], $7::text[]) AS f(name, value) USING (name, value)
        GROUP BY 1, 2 HAVING count(*) = cardinality($6::text[])),
     unit AS (
       SELECT h.order_key, h.document_kind, min(l.day) AS day FROM fits h JOIN line l USING (order_key, document_kind)
        WHERE l.in_books AND l.day BETWEEN $3::date AND $4::date GROUP BY 1, 2)
     SELECT u.day, count(a.order_key)::int AS affected, (count(*) FILTER (WHERE a.order_key IS NULL))::int AS others
       FROM unit u LEFT JOIN affected a USING (order_key, document_kind) GROUP BY 1 ORDER BY 1`,
    [
      root.entityId,
      kinds,
      root.firstDay,
      root.lastDay,
      [root.id],
      features.map((one) => one.name),
      features.map((one) => one.value),
    ],
  );
  return rows;
}

async function kindsOf(pool: Pool, { entityId, id }: Of): Promise<readonly string[]> {
  const { rows } = await pool.query<{ kind: string }>(
    `SELECT DISTINCT document_kind AS kind FROM exception WHERE entity_id = $1 AND root_cause_id = $2
        AND state IN ('new', 'assigned', 'in-progress', 'waiting') ORDER BY 1 DESC`,
    [entityId, id],
  );
  return rows.map((row) => row.kind);
}

async function affectedOf(pool: Pool, root: Of, kinds: readonly string[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    `WITH ${POPULATION} SELECT count(*)::int AS count FROM (SELECT DISTINCT order_key, document_kind FROM affected) AS a
       JOIN pop USING (order_key, document_kind)`,
    [root.entityId, kinds, root.firstDay, root.lastDay, [root.id]],
  );
  return rows[0]?.count ?? 0;
}

async function marginalsOf(pool: Pool, root: Of, kinds: readonly string[]): Promise<readonly Marginal[]> {
  const { rows } = await pool.query<Marginal>(
    `WITH ${POPULATION}
     SELECT t.name, t.value, count(a.order_key)::int AS affected, count(*)::int AS total
       FROM trait t LEFT JOIN affected a USING (order_key, document_kind) GROUP BY 1, 2 HAVING count(a.order_key) > 0`,
    [root.entityId, kinds, root.firstDay, root.lastDay, [root.id]],
  );
  const symptoms = SYMPTOMS[root.cause] ?? [];
  return rows.filter((row) => !symptoms.includes(row.name));
}

/** The features worth looking at together: those that tell most by themselves, in an order that the figures alone give. */
function candidatesOf(marginals: readonly Marginal[], affected: number): readonly Feature[] {
  const byWorth = [...marginals]
    .filter((one) => one.affected * COVERAGE >= affected)
    .sort(
      (a, b) =>
        b.affected * (affected + a.total) - a.affected * (affected + b.total) ||
        (`${a.name} ${a.value}` < `${b.name} ${b.value}` ? -1 : 1),
    );
  return byWorth.slice(0, FEATURES_MAX).map(({ name, value }) => ({ name, value }));
}

async function profilesOf(
  pool: Pool,
  root: Of,
  kinds: readonly string[],
  features: readonly Feature[],
  from: Day,
  to: Day,
): Promise<readonly Profile[]> {
  const { rows } = await pool.query<Profile>(
    `WITH ${POPULATION},
     feature AS (SELECT * FROM unnest($6::text[], $7::text[], $8::int[]) AS f(name, value, bit)),
     vector AS (
       SELECT t.order_key, t.document_kind, sum(f.bit)::int AS bits FROM trait t JOIN feature f USING (name, value) GROUP BY 1, 2)
     SELECT coalesce(v.bits, 0) AS bits, count(a.order_key)::int AS affected,
            (count(*) FILTER (WHERE a.order_key IS NULL))::int AS others
       FROM pop p LEFT JOIN vector v USING (order_key, document_kind) LEFT JOIN affected a USING (order_key, document_kind)
      GROUP BY 1 ORDER BY 1`,
    [
      root.entityId,
      kinds,
      from,
      to,
      [root.id],
      features.map((one) => one.name),
      features.map((one) => one.value),
      features.map((_, index) => 1 << index),
    ],
  );
  return rows;
}

async function countBefore(
  pool: Pool,
  root: Of,
  kinds: readonly string[],
  features: readonly Feature[],
): Promise<number> {
  const [from, to] = [addDays(root.firstDay, -DAYS_BEFORE), addDays(root.firstDay, -1)];
  const profiles = await profilesOf(pool, root, kinds, features, from, to);
  const all = (1 << features.length) - 1;
  return profiles.reduce((sum, row) => (row.bits === all ? sum + row.others + row.affected : sum), 0);
}

/** Root causes of one cause that are compared at most; more are not one by one people's work any more. */
const CARDS_MAX = 400;

async function mergeWith(pool: Pool, root: Of, kinds: readonly string[]): Promise<Merge | null> {
  const { rows: cards } = await pool.query<{ id: string; from: Day; to: Day }>(
    `SELECT id, first_day AS "from", last_day AS "to" FROM root_cause WHERE entity_id = $1 AND cause = $2 AND open_count > 0
      ORDER BY open_count DESC, id LIMIT ${CARDS_MAX}`,
    [root.entityId, root.cause],
  );
  if (cards.length < 2) return null;
  const from = [root.firstDay, ...cards.map((card) => card.from)].sort()[0];
  const to = [root.lastDay, ...cards.map((card) => card.to)].sort().at(-1);
  const params = [root.entityId, kinds, from, to, cards.map((card) => card.id)];
  const { rows } = await pool.query<Feature & { id: string; affected: number }>(
    `WITH ${POPULATION} SELECT a.root_cause_id AS id, t.name, t.value, count(*)::int AS affected
       FROM trait t JOIN affected a USING (order_key, document_kind) GROUP BY 1, 2, 3`,
    params,
  );
  const { rows: sizes } = await pool.query<{ id: string; affected: number }>(
    `WITH ${POPULATION} SELECT root_cause_id AS id, count(*)::int AS affected FROM affected JOIN pop USING (order_key, document_kind) GROUP BY 1`,
    params,
  );
  const symptoms = SYMPTOMS[root.cause] ?? [];
  const told = rows.filter((row) => !symptoms.includes(row.name));
  const { rows: totals } = await pool.query<Feature & { total: number }>(
    `WITH ${POPULATION} SELECT t.name, t.value, count(*)::int AS total FROM trait t
       WHERE (t.name, t.value) IN (SELECT * FROM unnest($6::text[], $7::text[])) GROUP BY 1, 2`,
    [...params, told.map((one) => one.name), told.map((one) => one.value)],
  );
  const made: readonly Card[] = sizes.map(({ id, affected }) => ({
    id,
    affected,
    features: told.filter((one) => one.id === id),
  }));
  return mergesOf(made, totals).find((merge) => merge.cards.includes(root.id)) ?? null;
}
