import type { PoolClient } from "pg";
import { openStates } from "@/lib/exceptions/machine";
import { countExceptions } from "@/lib/matching/exception-tally";
import type { OwnershipRule } from "./schema";

/**
 * Gives the open exceptions that a rule is about to its team, in one statement: those that nobody has, that no person gave to
 * a team, and that no more specific rule is about. Returns how many.
 */
export async function moveOpen(
  client: PoolClient,
  { cause, entityId, shopId, team }: OwnershipRule,
  actor: Readonly<{ id: string; name: string }>,
  now: Date,
): Promise<number> {
  const { rows } = await client.query<{ orderKey: string }>(
    `WITH mine AS (
       SELECT e.order_key, e.id, e.owner_team FROM exception e
        WHERE e.cause = $1 AND ($2::text IS NULL OR e.entity_id = $2) AND ($3::text IS NULL OR e.shop_id = $3)
          AND e.state IN (${openStates.map((state) => `'${state}'`).join(", ")}) AND e.assignee_id IS NULL AND e.previous_team IS NULL
          AND e.owner_team <> $4
          AND NOT EXISTS (SELECT FROM ownership_rule o WHERE o.cause = e.cause
                AND ((o.shop_id IS NOT NULL AND o.shop_id = e.shop_id AND $3::text IS NULL)
                  OR (o.shop_id IS NULL AND o.entity_id = e.entity_id AND $2::text IS NULL)))
        ORDER BY e.order_key, e.id FOR UPDATE OF e),
     moved AS (
       UPDATE exception e SET owner_team = $4, version = e.version + 1 FROM mine
        WHERE e.order_key = mine.order_key AND e.id = mine.id RETURNING e.order_key, e.id, mine.owner_team)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     SELECT order_key, gen_random_uuid(), id, $5::timestamptz, $6::text, $7::text, 'assigned',
            'Owner is now ' || $4::text || ', was ' || owner_team || ': who owns this cause was changed.' FROM moved
     RETURNING order_key AS "orderKey"`,
    [cause, entityId, shopId, team, now, actor.name, actor.id],
  );
  await countExceptions(
    client,
    rows.map((row) => row.orderKey),
    now,
  );
  return rows.length;
}
