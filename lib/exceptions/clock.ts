import type { Pool, PoolClient } from "pg";
import { inTransaction } from "@/lib/db/pool";
import { type Day, dayIn } from "@/lib/domain/day";
import { countExceptions, foldExceptionCells } from "@/lib/matching/exception-tally";
import { cellTables, foldCells } from "@/lib/matching/fold-cells";
import { openStates } from "./machine";

/** Exceptions that are woken or escalated in one transaction. */
const BATCH = 5_000;

/**
 * What the clock does to the exceptions of an entity: wakes those whose day to wait for has come, and escalates those that
 * are overdue to the lead of the team that owns them. In set-based steps, each in a transaction of its own; done twice it
 * does nothing more.
 */
export async function watchExceptions(
  pool: Pool,
  entityId: string,
  now: Date,
): Promise<Readonly<{ woken: number; escalated: number }>> {
  const { rows } = await pool.query<{ timeZone: string }>(
    `SELECT time_zone AS "timeZone" FROM entity WHERE id = $1`,
    [entityId],
  );
  const [entity] = rows;
  if (!entity) return { woken: 0, escalated: 0 };
  const today = dayIn(now, entity.timeZone);
  const all = async (step: typeof wake): Promise<number> => {
    let done = 0;
    for (let last = BATCH; last === BATCH; done += last) {
      last = await inTransaction(pool, (client) => step(client, entityId, today, now));
    }
    return done;
  };
  const done = { woken: await all(wake), escalated: await all(escalate) };
  await inTransaction(pool, (client) => foldExceptionCells(client, entityId));
  for (const table of cellTables) await inTransaction(pool, (client) => foldCells(client, table, entityId));
  return done;
}

async function wake(client: PoolClient, entityId: string, today: Day, now: Date): Promise<number> {
  const { rows } = await client.query<{ orderKey: string }>(
    `WITH due AS (
       SELECT order_key, id, waiting_on, waiting_until FROM exception
        WHERE entity_id = $1 AND state = 'waiting' AND waiting_until <= $2::date
        ORDER BY order_key, id LIMIT ${BATCH} FOR UPDATE),
     woken AS (
       UPDATE exception e SET state = CASE WHEN e.assignee_id IS NULL THEN 'new' ELSE 'assigned' END, waiting_on = NULL,
              waiting_until = NULL, version = e.version + 1
         FROM due WHERE e.order_key = due.order_key AND e.id = due.id RETURNING e.order_key, e.id, due.waiting_on, due.waiting_until)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, kind, text)
     SELECT w.order_key, gen_random_uuid(), w.id, $3::timestamptz, 'Calendar', 'woken', 'Waited on ' || w.waiting_on || ' until ' || w.waiting_until || '.'
       FROM woken w RETURNING order_key AS "orderKey"`,
    [entityId, today, now],
  );
  await countExceptions(
    client,
    rows.map((row) => row.orderKey),
    now,
  );
  return rows.length;
}

/** A team without a lead has nobody to tell; its exceptions are escalated once it has one. The version stays: nothing of what people decide has changed. */
async function escalate(client: PoolClient, entityId: string, today: Day, now: Date): Promise<number> {
  const { rowCount } = await client.query(
    `WITH late AS (
       SELECT e.order_key, e.id, e.due, t.name AS team, t.lead_id, u.name AS lead
         FROM exception e JOIN team t ON t.id = e.owner_team JOIN "user" u ON u.id = t.lead_id AND u.disabled_at IS NULL
        WHERE e.entity_id = $1 AND e.due < $2::date AND e.escalated_at IS NULL
          AND e.state IN (${openStates.map((state) => `'${state}'`).join(", ")})
        ORDER BY e.order_key, e.id LIMIT ${BATCH} FOR UPDATE OF e),
     told AS (
       UPDATE exception e SET escalated_at = $3::timestamptz, escalated_to_id = late.lead_id
         FROM late WHERE e.order_key = late.order_key AND e.id = late.id RETURNING e.order_key, e.id, late.due, late.lead, late.team)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, kind, text)
     SELECT told.order_key, gen_random_uuid(), told.id, $3::timestamptz, 'Calendar', 'escalated',
            'Due ' || told.due || ' and not done: escalated to ' || told.lead || ', who leads ' || told.team || '.'
       FROM told`,
    [entityId, today, now],
  );
  return rowCount ?? 0;
}
