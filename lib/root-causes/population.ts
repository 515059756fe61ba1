import type pg from "pg";
import { addDays, type Day } from "@/lib/domain/day";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import {
  type Card,
  contrastOf,
  type DayCounts,
  type Feature,
  type Merge,
  mergesOf,
  onsetOf,
  type Profile,
  splitOf,
} from "./contrast";
import type { RootCause } from "./data";
import type { Findings } from "./findings";

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
/** An order's lines may be days apart: what is affected on one day may have begun so long before. */
const DAYS_SPREAD = 31;

/*
 * The population: what an order has of one kind (sale or credit) in the books, on the first day of it, whichever side states it.
 * Its features come from the order, from the ERP's documents and from both sides' lines. It is gathered once for all root causes
 * that are counted together, with each feature as a number: a million groups are looked through in one go for each of them.
 */
const RAW = `
  SELECT p.order_key, p.document_kind, f.name, f.value
    FROM population_raw p JOIN sales_order o USING (order_key),
         LATERAL (VALUES ('shop', o.shop_id), ('channel', coalesce(o.channel, o.channel_type)), ('ship-to', o.ship_to::text),
           ('currency', o.currency::text)) AS f(name, value)
   WHERE f.value IS NOT NULL
  UNION ALL SELECT p.order_key, p.document_kind, 'document', p.document_kind FROM population_raw p
  UNION
  SELECT p.order_key, p.document_kind, 'document series', regexp_replace(d.number, '[0-9]+$', '')
    FROM population_raw p JOIN document d ON d.order_key = p.order_key AND d.kind = p.document_kind WHERE d.side = 'erp' AND d.posted
  UNION
  SELECT p.order_key, p.document_kind, f.name, f.value
    FROM population_raw p JOIN line l ON l.order_key = p.order_key AND l.document_kind = p.document_kind AND l.in_books,
         LATERAL (VALUES
           ('rate', CASE WHEN l.side = 'scayle' AND l.kind <> 'header' THEN trim_scale(l.tax_rate)::text END),
           ('item', CASE WHEN l.side = 'scayle' AND l.kind = 'item' THEN l.item_key END),
           ('charge', CASE WHEN l.side = 'scayle' AND l.kind NOT IN ('item', 'header') THEN l.kind END),
           ('ERP tax code', CASE WHEN l.side = 'erp' THEN coalesce(nullif(l.tax_code, ''), 'none') END)) AS f(name, value)
   WHERE f.value IS NOT NULL`;

/**
 * Gathers the population of an entity's days into temporary tables, which go with the caller's transaction. `from` and `to` are
 * the first and the last affected day; the days before them that are looked at come by themselves.
 */
export async function gatherPopulation(
  client: pg.ClientBase,
  entityId: string,
  from: Day,
  to: Day,
): Promise<void> {
  const days = [addDays(from, -DAYS_BEFORE - DAYS_SPREAD), addDays(to, DAYS_SPREAD)];
  await client.query(
    "CREATE TEMP TABLE population_raw (order_key uuid, document_kind text, day date) ON COMMIT DROP",
  );
  await client.query(
    `INSERT INTO population_raw SELECT l.order_key, l.document_kind, min(l.day) FROM line l
      WHERE l.entity_id = $1 AND l.in_books AND l.day BETWEEN $2::date AND $3::date
        AND l.period BETWEEN to_char($2::date, 'YYYY-MM') AND to_char($3::date, 'YYYY-MM') GROUP BY 1, 2`,
    [entityId, ...days],
  );
  await client.query("ANALYZE population_raw");
  await client.query(`CREATE TEMP TABLE trait ON COMMIT DROP AS ${RAW}`);
  await client.query(
    `CREATE TEMP TABLE feature ON COMMIT DROP AS
     SELECT (row_number() OVER (ORDER BY name, value))::int AS id, name, value FROM trait GROUP BY name, value`,
  );
  await client.query("ANALYZE feature");
  await client.query(
    `CREATE TEMP TABLE population ON COMMIT DROP AS
     SELECT (row_number() OVER ())::int AS unit, p.order_key, p.document_kind, p.day, coalesce(t.features, '{}') AS features
       FROM population_raw p LEFT JOIN (
         SELECT order_key, document_kind, array_agg(id) AS features FROM trait JOIN feature USING (name, value) GROUP BY 1, 2) AS t
         USING (order_key, document_kind)`,
  );
  await client.query("DROP TABLE trait, population_raw");
  await client.query(
    `CREATE TEMP TABLE feature_day ON COMMIT DROP AS
     SELECT f.id, p.document_kind, p.day, count(*)::int AS count FROM population p, unnest(p.features) AS f(id) GROUP BY 1, 2, 3`,
  );
  await client.query("CREATE INDEX ON feature_day (id)");
  await client.query(
    `CREATE TEMP TABLE affected ON COMMIT DROP AS
     SELECT DISTINCT e.root_cause_id AS card, p.unit, p.document_kind, p.day, p.features
       FROM exception e JOIN population p USING (order_key, document_kind) WHERE e.entity_id = $1 AND e.state IN ${OPEN_STATES}`,
    [entityId],
  );
  await client.query("CREATE INDEX ON affected (card)");
  await client.query(
    `CREATE TEMP TABLE card ON COMMIT DROP AS
     SELECT a.card AS id, r.cause, count(*)::int AS count, min(a.day) AS "from", max(a.day) AS "to",
            array_agg(DISTINCT a.document_kind ORDER BY a.document_kind DESC) AS kinds
       FROM affected a JOIN root_cause r ON r.entity_id = $1 AND r.id = a.card GROUP BY 1, 2`,
    [entityId],
  );
  await client.query(
    `CREATE TEMP TABLE card_feature ON COMMIT DROP AS
     SELECT a.card, f.id, count(*)::int AS affected FROM affected a, unnest(a.features) AS f(id) GROUP BY 1, 2`,
  );
  await client.query("CREATE INDEX ON card_feature (card)");
  await client.query("ANALYZE population, feature_day, affected, card, card_feature");
}

type Of = Pick<RootCause, "id" | "cause">;
/** A feature as it is numbered where the population was gathered. */
type Numbered = Feature & Readonly<{ id: number }>;
/** The affected groups of a root cause, and how many of them have which feature. */
type Affected = Readonly<{
  count: number;
  from: Day;
  to: Day;
  kinds: readonly string[];
  features: readonly (Numbered & Readonly<{ affected: number }>)[];
}>;

/**
 * What tells the groups of a root cause from the others of their kind in the same days, in a population that was gathered. null
 * where none of its exceptions is about an order's documents. `merges` are those of its cause.
 */
export async function findingsOf(
  client: pg.ClientBase,
  root: Of,
  merges: readonly Merge[],
): Promise<Findings | null> {
  const affected = await affectedOf(client, root);
  if (!affected) return null;
  const candidates = await candidatesOf(client, affected);
  const counts = await countsByDay(client, root, affected, candidates);
  const within = counts.filter((row) => row.day >= affected.from);
  const profiles = byBits(within);
  const contrast = contrastOf(candidates, profiles);
  const mask = candidates.reduce(
    (all, one, index) => (contrast.features.some((other) => isSame(one, other)) ? all | (1 << index) : all),
    0,
  );
  const having = counts.filter((row) => (row.bits & mask) === mask);
  return {
    contrast: { ...contrast, features: contrast.features.map(plain) },
    split: splitOf(candidates.map(plain), profiles, contrast),
    merge: merges.find((merge) => merge.cards.includes(root.id)) ?? null,
    before:
      contrast.features.length === 0
        ? null
        : having.reduce((sum, row) => (row.day < affected.from ? sum + row.affected + row.others : sum), 0),
    firstDay: affected.from,
    onset: onsetOf(byDay(having.filter((row) => row.day >= affected.from))),
    kinds: affected.kinds,
  };
}

const plain = ({ name, value }: Feature): Feature => ({ name, value });
const isSame = (one: Feature, other: Feature): boolean =>
  one.name === other.name && one.value === other.value;

async function affectedOf(client: pg.ClientBase, root: Of): Promise<Affected | null> {
  const { rows } = await client.query<Omit<Affected, "features">>(
    `SELECT count, "from", "to", kinds FROM card WHERE id = $1`,
    [root.id],
  );
  const [found] = rows;
  if (!found) return null;
  const { rows: features } = await client.query<Affected["features"][number]>(
    "SELECT f.id, f.name, f.value, c.affected FROM card_feature c JOIN feature f USING (id) WHERE c.card = $1",
    [root.id],
  );
  return { ...found, features: withoutSymptoms(root.cause, features) };
}

const withoutSymptoms = <Row extends Feature>(cause: string, rows: readonly Row[]): readonly Row[] =>
  rows.filter((row) => !(SYMPTOMS[cause] ?? []).includes(row.name));

/** The features worth looking at together: those that tell most by themselves, in an order that the figures alone give. */
async function candidatesOf(
  client: pg.ClientBase,
  { features, count, kinds, from, to }: Affected,
): Promise<readonly Numbered[]> {
  const common = features.filter((one) => one.affected * COVERAGE >= count);
  const totals = await totalsOf(client, common, kinds, from, to);
  return common
    .map((one) => ({ ...one, total: totals.get(one.id) ?? 0 }))
    .sort(
      (a, b) =>
        b.affected * (count + a.total) - a.affected * (count + b.total) ||
        (`${a.name} ${a.value}` < `${b.name} ${b.value}` ? -1 : 1),
    )
    .slice(0, FEATURES_MAX)
    .map(({ id, name, value }) => ({ id, name, value }));
}

/** How many groups of the population have each feature. */
async function totalsOf(
  client: pg.ClientBase,
  features: readonly Numbered[],
  kinds: readonly string[],
  from: Day,
  to: Day,
): Promise<ReadonlyMap<number, number>> {
  const { rows } = await client.query<{ id: number; total: number }>(
    `SELECT id, sum(count)::int AS total FROM feature_day
      WHERE id = ANY ($1::int[]) AND document_kind = ANY ($2::text[]) AND day BETWEEN $3::date AND $4::date GROUP BY 1`,
    [[...new Set(features.map((one) => one.id))], kinds, from, to],
  );
  return new Map(rows.map((row) => [row.id, row.total]));
}

type BitsOfDay = Profile & Readonly<{ day: Day }>;

/** The groups of each day by which of the features they have, affected or not; from so many days before the first affected one. */
async function countsByDay(
  client: pg.ClientBase,
  { id }: Of,
  { kinds, from, to }: Affected,
  features: readonly Numbered[],
): Promise<readonly BitsOfDay[]> {
  // Whole numbers of our own: nothing of anybody's text.
  const bits = features.map((one, index) => `(p.features @> '{${one.id}}')::int * ${1 << index}`).join(" + ");
  const { rows } = await client.query<BitsOfDay>(
    `SELECT p.day, ${bits || "0"} AS bits, count(a.unit)::int AS affected, (count(*) FILTER (WHERE a.unit IS NULL))::int AS others
       FROM population p LEFT JOIN (SELECT unit FROM affected WHERE card = $1) AS a USING (unit)
      WHERE p.document_kind = ANY ($2::text[]) AND p.day BETWEEN $3::date AND $4::date GROUP BY 1, 2 ORDER BY 1, 2`,
    [id, kinds, addDays(from, -DAYS_BEFORE), to],
  );
  return rows;
}

function byBits(rows: readonly BitsOfDay[]): readonly Profile[] {
  const sums = new Map<number, Profile>();
  for (const { bits, affected, others } of rows) {
    const sum = sums.get(bits);
    sums.set(bits, {
      bits,
      affected: (sum?.affected ?? 0) + affected,
      others: (sum?.others ?? 0) + others,
    });
  }
  return [...sums.values()].sort((a, b) => a.bits - b.bits);
}

function byDay(rows: readonly BitsOfDay[]): readonly DayCounts[] {
  const sums = new Map<Day, DayCounts>();
  for (const { day, affected, others } of rows) {
    const sum = sums.get(day);
    sums.set(day, { day, affected: (sum?.affected ?? 0) + affected, others: (sum?.others ?? 0) + others });
  }
  return [...sums.values()];
}

/** Root causes of one cause that are compared at most; more are not one by one people's work any more. */
const CARDS_MAX = 400;

/** The root causes of a cause that look like one, in a population that was gathered. */
export async function mergesOfCause(client: pg.ClientBase, cause: string): Promise<readonly Merge[]> {
  const { rows: cards } = await client.query<{
    id: string;
    affected: number;
    from: Day;
    to: Day;
    kinds: readonly string[];
  }>(
    `SELECT id, count AS affected, "from", "to", kinds FROM card WHERE cause = $1 ORDER BY count DESC, id LIMIT ${CARDS_MAX}`,
    [cause],
  );
  if (cards.length < 2) return [];
  const { rows: all } = await client.query<Numbered & { card: string; affected: number }>(
    // What one card alone has joins nothing.
    `SELECT c.card, f.id, f.name, f.value, c.affected FROM card_feature c JOIN feature f USING (id) WHERE c.card = ANY ($1::uuid[])
        AND c.id IN (SELECT id FROM card_feature WHERE card = ANY ($1::uuid[]) GROUP BY id HAVING count(*) > 1)`,
    [cards.map((card) => card.id)],
  );
  const told = withoutSymptoms(cause, all);
  const [first = ""] = cards.map((one) => one.from).sort();
  const last =
    cards
      .map((one) => one.to)
      .sort()
      .at(-1) ?? "";
  const kinds = [...new Set(cards.flatMap((one) => one.kinds))];
  const counts = await totalsOf(client, told, kinds, first, last);
  const features = new Map<string, (typeof told)[number][]>();
  for (const one of told) features.set(one.card, [...(features.get(one.card) ?? []), one]);
  const made: readonly Card[] = cards.map(({ id, affected }) => ({
    id,
    affected,
    features: features.get(id) ?? [],
  }));
  const totals = new Map(told.map((one) => [one.id, { ...plain(one), total: counts.get(one.id) ?? 0 }]));
  return mergesOf(made, [...totals.values()]);
}
