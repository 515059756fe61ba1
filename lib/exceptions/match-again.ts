import type { PoolClient } from "pg";
import { addJob } from "@/lib/jobs/queue";

/** Has groups matched again by the next job: what people accept of them, or open again, moves their lines to another bucket. */
export async function matchAgain(
  client: PoolClient,
  entityId: string,
  orderKeys: readonly string[],
  now: Date,
): Promise<void> {
  await client.query(
    `INSERT INTO dirty_group (order_key, entity_id, since) SELECT DISTINCT key, $2, $3::timestamptz FROM unnest($1::uuid[]) AS key
     ON CONFLICT (order_key) DO NOTHING`,
    [orderKeys, entityId, now],
  );
  const name = `reconcile:${entityId}`;
  await addJob(client, "reconcile", { entityId }, { queue: name, key: name, attempts: 10 });
}
