import type pg from "pg";
import { toJson } from "@/lib/domain/json";
import { STANDING } from "./standing-causes";

/** The states in which somebody must still act, as the partial index on open exceptions spells them. For SQL. */
export const OPEN_STATES = "('new', 'assigned', 'in-progress', 'waiting')";

/**
 * Notes the root causes that are about to lose exceptions to others, because their signature changes. To be called before
 * the exceptions are updated; `rows` hold order_key, id and the new signature. Nobody waits for anybody: it only appends.
 */
export async function noteMoves(
  client: pg.ClientBase,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  await client.query(
    `INSERT INTO root_cause_touch (entity_id, root_cause_id)
     SELECT DISTINCT e.entity_id, e.root_cause_id
       FROM json_to_recordset($1::json) AS row(order_key uuid, id uuid, signature text)
       JOIN exception e ON e.order_key = row.order_key AND e.id = row.id WHERE e.signature <> row.signature`,
    [toJson(rows.map(({ order_key, id, signature }) => ({ order_key, id, signature })))],
  );
}

/**
 * Counts the root causes again of which a run changed exceptions: all of them after a run over everything. In the transaction
 * that ends the run, of which an entity has one at a time.
 */
export async function keepRootCauses(
  client: pg.ClientBase,
  entityId: string,
  { runId, all, at }: Readonly<{ runId: string; all: boolean; at: Date }>,
): Promise<void> {
  const { rows: moved } = await client.query<{ id: string }>(
    "DELETE FROM root_cause_touch WHERE entity_id = $1 RETURNING root_cause_id AS id",
    [entityId],
  );
  const { rows } = await client.query<{ id: string }>({
    name: all ? "root-causes-of-entity" : "root-causes-of-run",
    text: all
      ? `SELECT DISTINCT root_cause_id AS id FROM exception WHERE entity_id = $1 AND state IN ${OPEN_STATES}
         UNION SELECT id FROM root_cause WHERE entity_id = $1`
      : `SELECT DISTINCT root_cause_id AS id FROM exception WHERE entity_id = $1 AND last_run_id = $2
         UNION SELECT root_cause_id FROM exception WHERE entity_id = $1 AND cause IN ${STANDING} AND state IN ${OPEN_STATES}
         UNION SELECT id FROM root_cause WHERE entity_id = $1 AND cause IN ${STANDING}`,
    values: all ? [entityId] : [entityId, runId],
  });
  await countRootCauses(client, entityId, [...new Set([...rows, ...moved].map((row) => row.id))], at);
}

/**
 * Counts root causes of an entity anew from their open exceptions. Whoever opens or ends exceptions calls it afterwards, in the
 * same transaction: it waits for others who do the same, so that the last one sees what all have done.
 */
export async function countRootCauses(
  client: pg.ClientBase,
  entityId: string,
  ids: readonly string[],
  at: Date,
): Promise<void> {
  if (ids.length === 0) return;
  const values = [entityId, ids];
  await client.query({
    name: "root-causes-held",
    text: "SELECT FROM root_cause WHERE entity_id = $1 AND id = ANY ($2::uuid[]) ORDER BY id FOR UPDATE",
    values,
  });
  await client.query({ name: "root-causes-counted", text: COUNT, values: [...values, at] });
  await client.query({ name: "root-causes-weighed", text: WEIGH, values });
}

const DAY = "coalesce(e.business_day, e.first_seen_at::date)";
const EXTENT = "greatest(abs(e.net), abs(e.tax), abs(e.gross))";
const OPEN = `e.entity_id = $1 AND e.root_cause_id = ANY ($2::uuid[]) AND e.state IN ${OPEN_STATES}`;

// What is gone keeps its row, with a count of zero: since when it was there is still known when it comes back.
const COUNT = `
  WITH counted AS (
    SELECT e.root_cause_id AS id, count(*)::int AS count, min(${DAY}) AS first_day, max(${DAY}) AS last_day,
           min(e.first_seen_at) AS found_at
      FROM exception e WHERE ${OPEN} GROUP BY 1),
  over AS (
    UPDATE root_cause SET open_count = 0, counted_at = $3
     WHERE entity_id = $1 AND id = ANY ($2::uuid[]) AND open_count > 0 AND id NOT IN (SELECT id FROM counted))
  INSERT INTO root_cause (entity_id, id, cause, signature, open_count, first_day, last_day, found_at, counted_at)
  SELECT $1, c.id, named.cause, named.signature, c.count, c.first_day, c.last_day, c.found_at, $3
    FROM counted c, LATERAL (SELECT e.cause, e.signature FROM exception e
      WHERE e.entity_id = $1 AND e.root_cause_id = c.id AND e.state IN ${OPEN_STATES} LIMIT 1) AS named
  ON CONFLICT (entity_id, id) DO UPDATE SET open_count = excluded.open_count,
    first_day = least(root_cause.first_day, excluded.first_day), last_day = excluded.last_day,
    found_at = least(root_cause.found_at, excluded.found_at), counted_at = excluded.counted_at`;

const WEIGH = `
  WITH counted AS (
    SELECT e.root_cause_id AS id, e.currency, count(*)::int AS count, sum(e.net) AS net, sum(e.tax) AS tax, sum(e.gross) AS gross,
           sum(${EXTENT}) AS extent, sum(greatest(${EXTENT}, 1)) AS weight,
           sum(greatest(${EXTENT}, 1) * (${DAY} - DATE '1970-01-01')) AS weight_days
      FROM exception e WHERE ${OPEN} GROUP BY 1, 2),
  over AS (
    DELETE FROM root_cause_amount a WHERE a.entity_id = $1 AND a.root_cause_id = ANY ($2::uuid[])
       AND NOT EXISTS (SELECT FROM counted c WHERE c.id = a.root_cause_id AND c.currency = a.currency))
  INSERT INTO root_cause_amount (entity_id, root_cause_id, currency, count, net, tax, gross, extent, weight, weight_days)
  SELECT $1, id, currency, count, net, tax, gross, extent, weight, weight_days FROM counted
  ON CONFLICT (entity_id, root_cause_id, currency) DO UPDATE SET count = excluded.count, net = excluded.net, tax = excluded.tax,
    gross = excluded.gross, extent = excluded.extent, weight = excluded.weight, weight_days = excluded.weight_days`;
