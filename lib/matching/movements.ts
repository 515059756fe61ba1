import type pg from "pg";
import { toJson } from "@/lib/domain/json";
import { addToTally, FIGURES, PLACE, SUMS, sumsOf } from "./tally";

/*
 * What a match changes in the totals: a group's sums before it, taken off its sums after it. The same changes are added to
 * the totals and kept as movements, so that the movements of a total come to it, up to any moment.
 */

/** What a reconciliation knows of why totals move by it. */
export type Teller = Readonly<{
  runId: string;
  /** when it began: the moment of its totals */
  at: Date;
  /** when the last one began that looked at all that had changed; null: there is none */
  since: Date | null;
  /** it is of single groups, after a person's act on them */
  byPerson: boolean;
  /** the settings it matches by are others than the last run's */
  otherSettings: boolean;
  /** somebody changed a setting, a mapping or a rule since */
  settingChanged: boolean;
}>;

/** When groups were marked to be matched again, as their marks go. */
export type Mark = Readonly<{ order_key: string; since: Date }>;

/** First matches of more groups than this are kept as one movement per total: nobody reads them one by one. */
const FIRST_MAX = 2000;

/** The key of movements that stand for many groups. */
export const NO_GROUP = "00000000-0000-0000-0000-000000000000";

/** Acts on a single exception that put its lines into another bucket (lib/exceptions). */
export const ACTS = "('accepted', 'reopened')";

/** Condition on audit_event: changes of settings, mappings and rules that can move totals, by what their audit records are called. */
export const SETTINGS =
  "(action LIKE 'settings.%' OR action IN ('rounding.confirm', 'proposal.accept', 'mapping-request.approve', 'acceptance-rule.approve', 'acceptance-rule.end', 'cut-off.set'))";

/** What a run knows of why totals move, as it begins. `settings` is the hash of those it matches by. */
export async function loadTeller(
  client: pg.ClientBase,
  entityId: string,
  run: Readonly<{ runId: string; at: Date; settings: string; byPerson: boolean }>,
): Promise<Teller> {
  const { rows } = await client.query<{ since: Date | null; other: boolean; set: boolean }>({
    name: "movements-teller",
    text: `WITH whole AS (SELECT max(started_at) AS since FROM run
                   WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done' AND scope->>'kind' IN ('all', 'period', 'changed'))
     SELECT since,
            coalesce((SELECT scope->>'settings' FROM run WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done'
                       ORDER BY finished_at DESC LIMIT 1) <> $2, false) AS other,
            EXISTS (SELECT FROM audit_event WHERE chain = $1 AND at >= since AND outcome = 'done' AND ${SETTINGS}) AS set
       FROM whole`,
    values: [entityId, run.settings],
  });
  const [known] = rows;
  return {
    runId: run.runId,
    at: run.at,
    since: known?.since ?? null,
    byPerson: run.byPerson,
    otherSettings: known?.other === true,
    settingChanged: known?.set === true,
  };
}

/** Holds the sums of the groups in `scope`, before they are matched again: the temporary table `was`. */
export async function holdSums(client: pg.PoolClient): Promise<void> {
  await client.query(
    `CREATE TEMP TABLE was ON COMMIT DROP AS ${sumsOf({ groups: IN_SCOPE, by: "order_key" })}`,
  );
  await client.query("CREATE TEMP TABLE mark (order_key uuid, since timestamptz) ON COMMIT DROP");
}

const IN_SCOPE = "JOIN scope USING (order_key)";

/** Takes the marks off the groups in `scope`, and remembers when they were marked. */
export async function takeMarks(client: pg.PoolClient): Promise<void> {
  await client.query(
    `WITH taken AS (DELETE FROM dirty_group USING scope WHERE dirty_group.order_key = scope.order_key
                    RETURNING dirty_group.order_key, dirty_group.since)
     INSERT INTO mark SELECT order_key, since FROM taken`,
  );
}

/**
 * Adds what changed since holdSums to the totals and keeps it as movements. Returns the months whose groups were matched.
 */
export async function moveTotals(
  client: pg.PoolClient,
  part: number,
  teller: Teller,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ held: number; groups: number }>(
    "SELECT (SELECT count(*)::int FROM (SELECT FROM was LIMIT 1) w) AS held, (SELECT count(*)::int FROM scope) AS groups",
  );
  const { held = 0, groups = 0 } = rows[0] ?? {};
  const months =
    held === 0 && groups > FIRST_MAX
      ? await moveFirst(client, part, teller)
      : await moveEach(client, part, teller);
  await client.query("DROP TABLE was, mark");
  return months;
}

/** Many groups that were never matched before: their sums alone, not group by group. */
async function moveFirst(client: pg.PoolClient, part: number, teller: Teller): Promise<readonly string[]> {
  const { rows } = await client.query<{ period: string }>(
    `WITH change AS MATERIALIZED (${sumsOf({ groups: IN_SCOPE })}),
          kept AS (${addToTally("change", "$1::smallint")}),
          told AS (INSERT INTO tally_event (${EVENT})
                   SELECT '${NO_GROUP}', gen_random_uuid(), ${PLACE.join(", ")}, $2::uuid, $3::timestamptz, $4::timestamptz, 'source', ${FIGURES.join(", ")}
                     FROM change)
     SELECT DISTINCT period FROM change`,
    [part, teller.runId, teller.at, teller.since],
  );
  return rows.map((row) => row.period);
}

const EVENT = ["order_key", "id", ...PLACE, "run_id", "at", "since", "why", ...FIGURES].join(", ");
const negative = SUMS.map((name) => `-${name}`).join(", ");
const anyOf = (names: readonly string[], of: (name: string) => string): string =>
  names.map((name) => `${of(name)} <> 0`).join(" OR ");

/** Differences group by group, of what was (`was`) and what is now (`is`): columns order_key, PLACE, SUMS. */
const DIFFERENCES = `
  SELECT order_key, ${PLACE.join(", ")}, ${SUMS.map((name) => `sum(${name})${name === "hash" ? "" : "::bigint"} AS ${name}`).join(", ")}
    FROM (SELECT order_key, ${PLACE.join(", ")}, ${negative} FROM was
          UNION ALL SELECT order_key, ${PLACE.join(", ")}, ${SUMS.join(", ")} FROM now_is) AS side(order_key, ${PLACE.join(", ")}, ${SUMS.join(", ")})
   GROUP BY order_key, ${PLACE.join(", ")} HAVING ${anyOf(SUMS, (name) => `sum(${name})`)}`;

/** Whose sums moved (not only the rows behind them). */
const MOVED = anyOf(FIGURES, (name) => name);

// Of a group: buckets and causes that end by themselves. Such a group is looked at in every run.
const IN_TIME =
  "(kind = 'pair' AND key = 'timing' OR kind = 'cause' AND key IN ('timing', 'cut-off', 'order-unreadable', 'posted-ahead'))";

// From when on something happened to a group that this run is the first to see.
const FROM = "least(m.since, coalesce($3::timestamptz, '-infinity'))";

/**
 * Why each group's totals moved, by what happened to it since it was matched before: a newer version of one of its documents,
 * else somebody's act on it, else a setting, else time, else a mark for which a source must stand (a document that went to
 * another group). Parameters: $1 run, $2 at, $3 since, $4 by a person, $5 other settings, $6 a setting changed.
 */
const REASONS = `
  SELECT o.order_key, least(m.since, $3::timestamptz) AS since, CASE
      WHEN EXISTS (SELECT FROM document_version v WHERE v.order_key = o.order_key AND v.reason <> 'rekeyed' AND v.seen_at >= ${FROM}) THEN 'source'
      WHEN $4::boolean THEN 'person'
      WHEN EXISTS (SELECT FROM exception_event e WHERE e.order_key = o.order_key AND e.actor_id IS NOT NULL AND e.kind IN ${ACTS}
                      AND e.at >= ${FROM}) THEN 'person'
      WHEN EXISTS (SELECT FROM hand_pair h WHERE h.order_key = o.order_key AND h.made_at >= ${FROM}) THEN 'person'
      WHEN $5::boolean OR ($6::boolean AND m.since IS NOT NULL) THEN 'setting'
      WHEN EXISTS (SELECT FROM was w WHERE w.order_key = o.order_key AND ${IN_TIME}) THEN 'time'
      WHEN m.since IS NOT NULL THEN 'source'
      WHEN $6::boolean THEN 'setting'
      ELSE 'other' END AS why
    FROM (SELECT DISTINCT order_key FROM change WHERE ${MOVED}) o LEFT JOIN mark m ON m.order_key = o.order_key`;

const TOLD = `INSERT INTO tally_event (${EVENT})
  SELECT c.order_key, gen_random_uuid(), ${PLACE.join(", ")}, $1::uuid, $2::timestamptz, r.since, r.why, ${FIGURES.join(", ")}
    FROM change c JOIN reason r ON r.order_key = c.order_key WHERE ${MOVED}`;

async function moveEach(client: pg.PoolClient, part: number, teller: Teller): Promise<readonly string[]> {
  await client.query(
    `CREATE TEMP TABLE now_is ON COMMIT DROP AS ${sumsOf({ groups: IN_SCOPE, by: "order_key" })}`,
  );
  await client.query(`CREATE TEMP TABLE change ON COMMIT DROP AS ${DIFFERENCES}`);
  const { rows: size } = await client.query<{ fresh: number }>(
    `SELECT count(*)::int AS fresh FROM (SELECT DISTINCT order_key FROM change
      WHERE order_key NOT IN (SELECT order_key FROM was)) AS new`,
  );
  await client.query("ANALYZE change (order_key); ANALYZE mark (order_key)");
  await client.query(addToTally("change", "$1::smallint"), [part]);
  if ((size[0]?.fresh ?? 0) > FIRST_MAX) {
    await client.query(
      `WITH fresh AS (DELETE FROM change WHERE order_key NOT IN (SELECT order_key FROM was) RETURNING *)
       INSERT INTO tally_event (${EVENT})
       SELECT '${NO_GROUP}', gen_random_uuid(), ${PLACE.join(", ")}, $1::uuid, $2::timestamptz, $3::timestamptz, 'source',
              ${FIGURES.map((name) => `sum(${name})::bigint`).join(", ")}
         FROM fresh GROUP BY ${PLACE.join(", ")}`,
      [teller.runId, teller.at, teller.since],
    );
  }
  await client.query(`WITH reason AS MATERIALIZED (${REASONS}) ${TOLD}`, [...valuesOf(teller)]);
  const { rows } = await client.query<{ period: string }>(
    "SELECT period FROM was UNION SELECT period FROM now_is",
  );
  await client.query("DROP TABLE now_is, change");
  return rows.map((row) => row.period);
}

const valuesOf = (teller: Teller): readonly unknown[] => [
  teller.runId,
  teller.at,
  teller.since,
  teller.byPerson,
  teller.otherSettings,
  teller.settingChanged,
];

const AMONG_KEYS = "WHERE order_key = ANY ($1::uuid[])";

/** The sums of a few groups before they are matched again, as text that moveFew takes. */
export async function sumsOfFew(client: pg.PoolClient, orderKeys: readonly string[]): Promise<string> {
  const { rows } = await client.query<{ was: string }>({
    name: "few-summed",
    text: `SELECT coalesce(json_agg(s), '[]')::text AS was FROM (${sumsOf({ groups: AMONG_KEYS, by: "order_key" })}) s`,
    values: [orderKeys],
  });
  return rows[0]?.was ?? "[]";
}

const COLUMNS = [
  "order_key uuid",
  ...PLACE.map((name) => `${name} text`),
  ...FIGURES.map((name) => `${name} bigint`),
  "hash numeric",
].join(", ");

const MOVE_FEW = `
  WITH was AS MATERIALIZED (SELECT * FROM json_to_recordset($8::json) AS w(${COLUMNS})),
       now_is AS MATERIALIZED (${sumsOf({ groups: AMONG_KEYS.replace("$1", "$9"), by: "order_key" })}),
       mark AS MATERIALIZED (SELECT * FROM json_to_recordset($10::json) AS m(order_key uuid, since timestamptz)),
       change AS MATERIALIZED (${DIFFERENCES}),
       reason AS MATERIALIZED (${REASONS}),
       kept AS (${addToTally("change", "$7::smallint")}),
       told AS (${TOLD})
  SELECT period FROM was UNION SELECT period FROM now_is`;

/** The same as moveTotals as one statement for a few groups. `was` are their sums before, `marks` what was taken off them. */
export async function moveFew(
  client: pg.PoolClient,
  request: Readonly<{
    part: number;
    teller: Teller;
    orderKeys: readonly string[];
    was: string;
    marks: readonly Mark[];
  }>,
): Promise<readonly string[]> {
  const { part, teller, orderKeys, was, marks } = request;
  const { rows } = await client.query<{ period: string }>({
    name: "few-moved",
    text: MOVE_FEW,
    values: [...valuesOf(teller), part, was, orderKeys, toJson(marks)],
  });
  return rows.map((row) => row.period);
}
