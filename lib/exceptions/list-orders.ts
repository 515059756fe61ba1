import type pg from "pg";
import { conditionOf, type ExceptionScope } from "./filter";
import type { ExceptionQuery } from "./schema";

/** Exceptions that are about a feed and no record: there is no order to read again. */
const OF_RECORDS = "e.cause <> 'feed-behind'";

/** The groups that some exceptions of an entity are in; those that are not there are left out. */
export async function ordersOfExceptions(
  client: pg.ClientBase,
  entityId: string,
  ids: readonly string[],
): Promise<readonly string[]> {
  const { rows } = await client.query<{ orderKey: string }>(
    `SELECT DISTINCT e.order_key AS "orderKey" FROM exception e WHERE e.id = ANY($1::uuid[]) AND e.entity_id = $2 AND ${OF_RECORDS}`,
    [[...ids], entityId],
  );
  return rows.map((row) => row.orderKey);
}

/** The groups of all exceptions that a filter means, on whatever page of the list; at most so many. */
export async function ordersOfFilter(
  client: pg.ClientBase,
  scope: ExceptionScope,
  query: ExceptionQuery,
  most: number,
): Promise<readonly string[]> {
  const { sql, params } = conditionOf(scope, query);
  const { rows } = await client.query<{ orderKey: string }>(
    `SELECT DISTINCT e.order_key AS "orderKey" FROM exception e
      WHERE ${sql} AND ${OF_RECORDS} LIMIT $${params.length + 1}`,
    [...params, most],
  );
  return rows.map((row) => row.orderKey);
}

/** The exceptions of entity $1 that somebody must act on and that lack the mapping which exception $2 lacks at place $3. */
const LACK_THE_SAME = `exception e JOIN exception one ON one.entity_id = e.entity_id AND one.cause = e.cause
   AND e.evidence -> 'missing' @> jsonb_build_array(one.evidence -> 'missing' -> $3::int)
 WHERE e.entity_id = $1 AND one.id = $2::uuid AND e.state NOT IN ('resolved', 'accepted', 'explained')`;

/** The groups of all exceptions that lack the same mapping as one of them; at most so many. */
export async function ordersLackingMapping(
  client: pg.ClientBase,
  entityId: string,
  { id, index }: Readonly<{ id: string; index: number }>,
  most: number,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ orderKey: string }>(
    `SELECT DISTINCT e.order_key AS "orderKey" FROM ${LACK_THE_SAME} LIMIT $4`,
    [entityId, id, index, most],
  );
  return rows.map((row) => row.orderKey);
}
