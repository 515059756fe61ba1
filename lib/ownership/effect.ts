import type { ClientBase, PoolClient } from "pg";
import { causeOf } from "@/lib/causes/registry";
import { toJson } from "@/lib/domain/json";
import { openStates } from "@/lib/exceptions/machine";
import { countExceptions } from "@/lib/matching/exception-tally";
import type { OwnerChange, OwnersEffect } from "./schema";

const OPEN = `e.state IN (${openStates.map((state) => `'${state}'`).join(", ")})`;
/** How near a row is to an exception: a shop's before an entity's before one for all. */
const nearness = (shop: string, entity: string) =>
  `CASE WHEN ${shop} IS NOT NULL THEN 2 WHEN ${entity} IS NOT NULL THEN 1 ELSE 0 END`;
const ABOUT = (row: string) =>
  `${row}.cause = p.cause AND (${row}.entity_id IS NULL OR ${row}.entity_id = p.entity_id) AND (${row}.shop_id IS NULL OR ${row}.shop_id = p.shop_id)`;

/**
 * Open exceptions of the places that changes ($1) are about, with the team that the rows say once they are made, and what
 * becomes of each; $2: the team of each cause without any row. The same before the changes are stored as after.
 */
const CONCERNED = `
  WITH change AS MATERIALIZED (
    SELECT cause, "entityId" AS entity_id, "shopId" AS shop_id, team, ${nearness('"shopId"', '"entityId"')} AS nearness
      FROM json_to_recordset($1::json) AS c(cause text, "entityId" text, "shopId" text, team text)),
  said AS MATERIALIZED (
    SELECT o.cause, o.entity_id, o.shop_id, o.team, ${nearness("o.shop_id", "o.entity_id")} AS nearness FROM ownership_rule o
     WHERE o.cause IN (SELECT cause FROM change)
       AND NOT EXISTS (SELECT FROM change c WHERE c.cause = o.cause AND c.entity_id IS NOT DISTINCT FROM o.entity_id
             AND c.shop_id IS NOT DISTINCT FROM o.shop_id)
    UNION ALL SELECT cause, entity_id, shop_id, team, nearness FROM change WHERE team IS NOT NULL
    UNION ALL SELECT key, NULL, NULL, value, -1 FROM json_each_text($2::json)),
  open AS MATERIALIZED (
    SELECT e.order_key, e.id, e.cause, e.entity_id, e.shop_id, e.owner_team, e.currency, e.extent,
           e.assignee_id IS NOT NULL OR e.previous_team IS NOT NULL AS held
      FROM exception e
     WHERE e.entity_id IN (SELECT n.id FROM entity n WHERE EXISTS (SELECT FROM change c WHERE c.entity_id IS NULL OR c.entity_id = n.id))
       AND ${OPEN} AND e.cause IN (SELECT cause FROM change)),
  place AS MATERIALIZED (
    SELECT p.cause, p.entity_id, p.shop_id, changed.nearness AS changed, decides.team, decides.nearness
      FROM (SELECT DISTINCT cause, entity_id, shop_id FROM open) AS p
      JOIN LATERAL (SELECT max(c.nearness) AS nearness FROM change c WHERE ${ABOUT("c")}) AS changed ON changed.nearness IS NOT NULL
      JOIN LATERAL (SELECT s.team, s.nearness FROM said s WHERE ${ABOUT("s")} ORDER BY s.nearness DESC LIMIT 1) AS decides ON true),
  concerned AS (
    SELECT o.order_key, o.id, o.owner_team AS was, p.team, o.currency, o.extent,
           CASE WHEN p.nearness > p.changed THEN 'nearer' WHEN o.owner_team = p.team THEN 'same'
                WHEN o.held THEN 'held' ELSE 'moves' END AS becomes
      FROM open o JOIN place p ON p.cause = o.cause AND p.entity_id = o.entity_id AND coalesce(p.shop_id, '') = coalesce(o.shop_id, ''))`;

const given = (changes: readonly OwnerChange[]): readonly string[] => [
  toJson(changes.map(({ cause, entityId, shopId, team }) => ({ cause, entityId, shopId, team }))),
  // As lib/matching/ownership falls back.
  toJson(Object.fromEntries(changes.map(({ cause }) => [cause, causeOf(cause)?.defaultOwner ?? "finance"]))),
];

/** What changes would do to open exceptions if those went along: who goes from which team to which, and what stays why. Stores nothing. */
export async function ownersEffect(
  client: ClientBase,
  changes: readonly OwnerChange[],
): Promise<OwnersEffect> {
  const { rows } = await client.query<Counted & { becomes: "moves" | "held" | "nearer" | "same" }>(
    `${CONCERNED}
     SELECT becomes, was AS "from", team AS "to", currency, count(*)::int AS count, sum(extent)::text AS extent
       FROM concerned GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4`,
    [...given(changes)],
  );
  const countOf = (which: string): number =>
    rows.reduce((sum, row) => (row.becomes === which ? sum + row.count : sum), 0);
  return {
    moves: rows.filter((row) => row.becomes === "moves").map(({ becomes: _, ...move }) => move),
    held: countOf("held"),
    nearer: countOf("nearer"),
    same: countOf("same"),
  };
}

type Counted = OwnersEffect["moves"][number];

/**
 * Gives open exceptions to the teams that changed rows say, in one statement: those that nobody has, that no person gave to a
 * team, and that no nearer row is about. Returns what went from which team to which, as `ownersEffect` counts it.
 */
export async function moveOpen(
  client: PoolClient,
  changes: readonly OwnerChange[],
  actor: Readonly<{ id: string; name: string }>,
  now: Date,
): Promise<readonly Counted[]> {
  const { rows } = await client.query<Counted & { orderKeys: readonly string[] }>(
    `${CONCERNED},
     mine AS (
       SELECT e.order_key, e.id, c.was, c.team FROM exception e JOIN concerned c ON c.order_key = e.order_key AND c.id = e.id
        WHERE c.becomes = 'moves' AND ${OPEN} AND e.assignee_id IS NULL AND e.previous_team IS NULL AND e.owner_team = c.was
        ORDER BY e.order_key, e.id FOR UPDATE OF e),
     moved AS (
       UPDATE exception e SET owner_team = mine.team, version = e.version + 1 FROM mine
        WHERE e.order_key = mine.order_key AND e.id = mine.id
       RETURNING e.order_key, e.id, mine.was, e.owner_team AS team, e.currency, e.extent),
     told AS (
       INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
       SELECT order_key, gen_random_uuid(), id, $3::timestamptz, $4::text, $5::text, 'assigned',
              'Owner is now ' || team || ', was ' || was || ': who owns this cause was changed.' FROM moved)
     SELECT was AS "from", team AS "to", currency, count(*)::int AS count, sum(extent)::text AS extent,
            array_agg(order_key) AS "orderKeys" FROM moved GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`,
    [...given(changes), now, actor.name, actor.id],
  );
  await countExceptions(
    client,
    rows.flatMap((row) => row.orderKeys),
    now,
  );
  return rows.map(({ orderKeys: _, ...move }) => move);
}
