import type pg from "pg";
import type { FailedFilter } from "./schema";

/** What each state of a failed record is in the table (named x). */
export const FAILED_STATES: Readonly<Record<NonNullable<FailedFilter["state"]>, string>> = {
  waiting: "x.given_up_at IS NULL AND x.next_try_at IS NULL AND x.gone_at IS NULL",
  retrying: "x.given_up_at IS NULL AND x.next_try_at IS NOT NULL",
  "given-up": "x.given_up_at IS NOT NULL",
  gone: "x.gone_at IS NOT NULL",
};

/** The groups of records that still fail in an entity: of those named, or of all that a filter means. At most so many. */
export async function ordersOfFailed(
  client: pg.ClientBase,
  entityId: string,
  { ids, filter }: Readonly<{ ids?: readonly string[]; filter?: FailedFilter }>,
  most: number,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ orderKey: string }>(
    `SELECT DISTINCT x.order_key AS "orderKey" FROM failed_record x
      WHERE x.entity_id = $1 AND x.resolved_at IS NULL AND ($2::uuid[] IS NULL OR x.id = ANY($2::uuid[]))
        AND ($3::text IS NULL OR x.feed_id = $3) AND ($4::text IS NULL OR x.error_class = $4)
        AND ${filter?.state ? FAILED_STATES[filter.state] : "true"} LIMIT $5`,
    [entityId, ids ?? null, filter?.feed ?? null, filter?.class ?? null, most],
  );
  return rows.map((row) => row.orderKey);
}

/** The groups of all records of a connection that fail for want of the same mapping as one of them; at most so many. */
export async function ordersOfFailedLacking(
  client: pg.ClientBase,
  entityId: string,
  id: string,
  most: number,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ orderKey: string }>(
    `SELECT DISTINCT x.order_key AS "orderKey"
       FROM failed_record x JOIN failed_record one ON one.connection_id = x.connection_id AND one.missing = x.missing
      WHERE x.entity_id = $1 AND one.entity_id = $1 AND one.id = $2 AND x.resolved_at IS NULL LIMIT $3`,
    [entityId, id, most],
  );
  return rows.map((row) => row.orderKey);
}
