import type pg from "pg";

/**
 * Keeps what became of the exceptions of these orders at a moment, so that debt can be told as at a date, and brings the sums that
 * the queue shows up to what they are now. Whoever opens, changes or ends exceptions calls it afterwards, in the same transaction;
 * what did not change costs a look and no write.
 */
export async function countExceptions(
  client: pg.ClientBase,
  orderKeys: readonly string[],
  at: Date = new Date(),
): Promise<void> {
  if (orderKeys.length === 0) return;
  const keys = [...new Set(orderKeys)];
  // Against what was counted last: so it comes first.
  await client.query({
    name: "exception-history",
    text: "SELECT keep_exceptions($1::uuid[], $2::timestamptz)",
    values: [keys, at],
  });
  await client.query({
    name: "exceptions-counted",
    text: "SELECT count_exceptions($1::uuid[])",
    values: [keys],
  });
}

/** The same for all of an entity whose sums are not what they should be: none are, where everybody counted. */
export async function recountExceptions(
  client: pg.ClientBase,
  entityId: string,
  at: Date = new Date(),
): Promise<void> {
  const { rows } = await client.query<{ keys: readonly string[] }>(
    `SELECT ARRAY(
       SELECT DISTINCT e.order_key FROM exception e LEFT JOIN exception_counted c ON c.order_key = e.order_key AND c.id = e.id
        WHERE e.entity_id = $1 AND (c.id IS NULL OR (c.state, c.cause, c.owner_team, c.assignee_id, c.due, c.gross, c.tax, c.net)
          IS DISTINCT FROM (e.state, e.cause, e.owner_team, e.assignee_id, e.due, e.gross, e.tax, e.net))) AS keys`,
    [entityId],
  );
  await countExceptions(client, rows[0]?.keys ?? [], at);
}

/** So many rows of changes are read with every sum before they are added up. */
const MANY = 500;

const PLACE = `cube, entity_id, state, cause, owner_team, shop_id, channel, assignee_id, root_cause_id, period, due, age_day, currency`;

/**
 * Adds up the changes of an entity's sums that came since the last time, so that reading a sum stays quick. One at a time; who
 * reads or counts meanwhile waits for nothing. To be called in a transaction of its own.
 */
export async function foldExceptionCells(
  client: pg.ClientBase,
  entityId: string,
  least = MANY,
): Promise<void> {
  await client.query("SELECT pg_advisory_xact_lock(hashtextextended('exception-cells ' || $1, 0))", [
    entityId,
  ]);
  const { rows } = await client.query<{ more: number }>(
    `SELECT coalesce(sum(of_place - 1), 0)::int AS more FROM (
       SELECT count(*) AS of_place FROM exception_cell WHERE entity_id = $1 GROUP BY ${PLACE}) places`,
    [entityId],
  );
  if ((rows[0]?.more ?? 0) < least) return;
  await client.query(
    `WITH taken AS (DELETE FROM exception_cell WHERE entity_id = $1 RETURNING *)
     INSERT INTO exception_cell (${PLACE}, count, net, tax, gross, extent)
     SELECT ${PLACE}, sum(count), sum(net), sum(tax), sum(gross), sum(extent) FROM taken GROUP BY ${PLACE}
     HAVING sum(count) <> 0 OR sum(net) <> 0 OR sum(tax) <> 0 OR sum(gross) <> 0 OR sum(extent) <> 0`,
    [entityId],
  );
}
