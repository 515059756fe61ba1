import type { ClientBase } from "pg";
import { addDays, type Day } from "@/lib/domain/day";
import { countExceptions } from "@/lib/matching/exception-tally";
import { type ExceptionStep, openStates, transitions } from "./machine";

/*
 * How exceptions stand while something is sent to put them right: whoever began has them, they are in progress, and waiting
 * where it waits. See lib/resolutions.
 */

/** Exceptions by their keys. */
export type Keyed = Readonly<{ orderKey: string; id: string }>;

/** What is waited for, and the day on which somebody is reminded. */
export type Waits = Readonly<{ on: string; until: Day }>;

/** The other system answers within the day, or somebody looks why not. */
export const onSystem = (system: string, today: Day): Waits => ({ on: system, until: addDays(today, 1) });
/** A second person is given some days. */
export const onApproval = (today: Day): Waits => ({
  on: "a second person’s approval",
  until: addDays(today, 3),
});

const OPEN = openStates.map((state) => `'${state}'`).join(", ");
const CHOSEN = `SELECT e.order_key, e.id, e.assignee_id, e.owner_team, e.state, e.waiting_on FROM exception e
    JOIN unnest($1::uuid[], $2::uuid[]) AS k(order_key, id) ON k.order_key = e.order_key AND k.id = e.id
   WHERE e.state IN (${OPEN}) ORDER BY e.order_key, e.id FOR UPDATE OF e`;

const keysOf = (chosen: readonly Keyed[]) => [
  chosen.map(({ orderKey }) => orderKey),
  chosen.map(({ id }) => id),
];
const counted = (client: ClientBase, chosen: readonly Keyed[], at?: Date): Promise<void> =>
  countExceptions(
    client,
    chosen.map(({ orderKey }) => orderKey),
    at,
  );

/**
 * Gives exceptions to whoever begins to put them right: in progress, or waiting. Who had them before is remembered, and
 * said in their history. What is finished stays as it is. In the caller's transaction.
 */
export async function takeOn(
  client: ClientBase,
  chosen: readonly Keyed[],
  doer: Readonly<{ id: string; name: string; now: Date }>,
  waits: Waits | null,
): Promise<void> {
  await client.query(
    `WITH target AS MATERIALIZED (${CHOSEN}),
     taken AS (
       UPDATE exception e SET version = e.version + 1, assignee_id = $3::uuid,
              previous_assignee_id = CASE WHEN t.assignee_id IS DISTINCT FROM $3::uuid THEN t.assignee_id ELSE e.previous_assignee_id END,
              previous_team = CASE WHEN t.assignee_id IS DISTINCT FROM $3::uuid THEN t.owner_team ELSE e.previous_team END,
              state = CASE WHEN $6::text IS NULL THEN 'in-progress' ELSE 'waiting' END, waiting_on = $6, waiting_until = $7::date
         FROM target t WHERE e.order_key = t.order_key AND e.id = t.id RETURNING e.order_key, e.id, t.assignee_id AS was)
     INSERT INTO exception_event (order_key, id, exception_id, at, actor_name, actor_id, kind, text)
     SELECT t.order_key, gen_random_uuid(), t.id, $5::timestamptz, $4::text, $3::text, 'taken',
            concat_ws(' ', 'Taken off ' || u.name || '.', 'Given to ' || $4::text || ', who puts it right.')
       FROM taken t LEFT JOIN "user" u ON u.id = t.was WHERE t.was IS DISTINCT FROM $3::uuid`,
    [...keysOf(chosen), doer.id, doer.name, doer.now, waits?.on ?? null, waits?.until ?? null],
  );
  await counted(client, chosen, doer.now);
}

/** Says of exceptions that are put right that it waits on something, or (null) goes on. Nothing of what people decided changes. */
export async function goOn(client: ClientBase, chosen: readonly Keyed[], waits: Waits | null): Promise<void> {
  await client.query(
    `WITH target AS MATERIALIZED (${CHOSEN})
     UPDATE exception e SET state = CASE WHEN $3::text IS NULL THEN 'in-progress' ELSE 'waiting' END, waiting_on = $3, waiting_until = $4::date
       FROM target t WHERE e.order_key = t.order_key AND e.id = t.id
        AND (t.state, t.waiting_on) IS DISTINCT FROM (CASE WHEN $3::text IS NULL THEN 'in-progress' ELSE 'waiting' END, $3::text)`,
    [...keysOf(chosen), waits?.on ?? null, waits?.until ?? null],
  );
  await counted(client, chosen);
}

/** Gives exceptions back that were not put right: whoever has them has to act again. */
export async function comeBack(client: ClientBase, chosen: readonly Keyed[]): Promise<void> {
  await client.query(
    `WITH target AS MATERIALIZED (${CHOSEN})
     UPDATE exception e SET state = CASE WHEN t.assignee_id IS NULL THEN 'new' ELSE 'assigned' END, waiting_on = NULL, waiting_until = NULL
       FROM target t WHERE e.order_key = t.order_key AND e.id = t.id AND t.state IN (${fromOf("rest")})`,
    keysOf(chosen),
  );
  await counted(client, chosen);
}

/** The states from which a step leads on, for SQL. */
const fromOf = (step: ExceptionStep): string =>
  Object.keys(transitions[step])
    .map((state) => `'${state}'`)
    .join(", ");
