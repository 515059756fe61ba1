import "server-only";
import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit, personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool, inTransaction } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import { ordersOfExceptions, ordersOfFilter } from "@/lib/exceptions/list-orders";
import { ExceptionQuery } from "@/lib/exceptions/schema";
import { addJob } from "@/lib/jobs/queue";
import { ordersOfFailed } from "@/lib/sync/list-failed";
import { FailedFilter } from "@/lib/sync/schema";
import type { OneResync, ResyncMany, Selection } from "./schema";

/** More orders than this are not read again at once: a back-fill reads whole days with fewer requests. */
const ORDERS_MOST = 20_000;

type Context = Readonly<{ now: Date; pool?: pg.Pool }>;

/**
 * Notes the orders that a person chose and adds the job that reads them again, with its audit record, in one transaction.
 * Throws Refusal: "not-allowed"; "invalid" for none, or for more than 20,000.
 */
export async function requestResyncs(
  actor: Actor,
  { entityId, selection }: ResyncMany,
  { now, pool = appPool() }: Context,
): Promise<Readonly<{ runId: string; count: number }>> {
  assertMay(actor, "record.resync", entityId);
  assertMay(actor, pageOf(selection), entityId);
  return inTransaction(pool, async (client) => {
    const keys = await chosen(client, actor, entityId, selection, now);
    const planned = await planResyncs(client, entityId, keys, {
      scope: scopeOf(selection),
      by: personOf(actor),
      at: now,
    });
    await addResyncs(client, planned.runId, actor);
    return planned;
  });
}

/** What one must be allowed to see to choose there. */
const pageOf = ({ by }: Selection) =>
  by === "orders"
    ? ("orders.read" as const)
    : by.startsWith("exceptions")
      ? ("exceptions.read" as const)
      : ("feeds.read" as const);

const scopeOf = (selection: Selection): Readonly<Record<string, unknown>> =>
  "filter" in selection ? { by: selection.by, filter: selection.filter } : { by: selection.by };

async function chosen(
  client: pg.ClientBase,
  actor: Actor,
  entityId: string,
  selection: Selection,
  now: Date,
): Promise<readonly string[]> {
  const most = ORDERS_MOST + 1;
  switch (selection.by) {
    case "orders":
      return selection.ids;
    case "exceptions":
      return ordersOfExceptions(client, entityId, selection.ids);
    case "exceptions-matching": {
      const query = { ...ExceptionQuery.parse(selection.filter), entity: entityId };
      const { rows } = await client.query<{ zone: string }>(
        "SELECT time_zone AS zone FROM entity WHERE id = $1",
        [entityId],
      );
      const today = dayIn(now, rows[0]?.zone ?? "UTC");
      return ordersOfFilter(client, { entityIds: [entityId], actorId: actor.id, today }, query, most);
    }
    case "failed":
      return ordersOfFailed(client, entityId, { ids: selection.ids }, most);
    case "failed-matching":
      return ordersOfFailed(client, entityId, { filter: FailedFilter.parse(selection.filter) }, most);
  }
}

type Plan = Readonly<{ scope: Readonly<Record<string, unknown>>; by: AuditActor; at: Date }>;

/**
 * Notes a run that reads some orders of an entity again, and its audit record, inside the caller's transaction. Orders that
 * the entity doesn't have are left out. Throws Refusal "invalid" for none, or for more than 20,000.
 */
export async function planResyncs(
  client: pg.PoolClient,
  entityId: string,
  orderKeys: readonly string[],
  { scope, by, at }: Plan,
): Promise<Readonly<{ runId: string; count: number }>> {
  if (orderKeys.length > ORDERS_MOST) {
    throw new Refusal(
      "invalid",
      `That is more than ${ORDERS_MOST.toLocaleString("en")} orders. Narrow the filter, or have their days read again at Feeds.`,
    );
  }
  const runId = randomUUID();
  const { rowCount } = await client.query(
    `INSERT INTO resync_record (run_id, order_key, entity_id, name)
     SELECT $1, named.key, $2, named.name FROM (
       SELECT k.key,
         coalesce((SELECT o.reference FROM sales_order o WHERE o.order_key = k.key AND o.entity_id = $2),
                  (SELECT coalesce(d.reference, d.number) FROM document d WHERE d.order_key = k.key AND d.entity_id = $2
                    ORDER BY d.reference IS NULL, d.id LIMIT 1),
                  (SELECT coalesce(f.reference, f.source_id) FROM failed_record f WHERE f.order_key = k.key AND f.entity_id = $2
                    AND f.resolved_at IS NULL ORDER BY f.id LIMIT 1)) AS name
         FROM (SELECT DISTINCT unnest($3::uuid[]) AS key) AS k) AS named
      WHERE named.name IS NOT NULL`,
    [runId, entityId, [...orderKeys]],
  );
  const count = rowCount ?? 0;
  if (count === 0) throw new Refusal("invalid", "There is no order among them that can be read again.");
  await client.query(
    `INSERT INTO run (id, kind, entity_id, scope, state, started_at, actor_name, expected)
     VALUES ($1, 'resync', $2, $3::jsonb, 'waiting', $4, $5, $6)`,
    [runId, entityId, toJson(scope), at, by.name, count],
  );
  await appendAudit(client, {
    chain: entityId,
    at,
    actor: by,
    action: "record.resync-many",
    subject: `run:${runId}`,
    outcome: "done",
    before: null,
    after: { ...scope, orders: count },
  });
  return { runId, count };
}

const addResyncs = (client: pg.ClientBase, runId: string, { id, name }: Pick<Actor, "id" | "name">) =>
  addJob(
    client,
    "resync-orders",
    { runId, by: { id, name } },
    { queue: `resync:${runId}`, key: `resync:${runId}`, priority: 5 },
  );

/** Asks a run to stop after the orders it is at. Throws Refusal: "not-allowed", "not-found", "conflict" where it has ended. */
export async function stopResyncs(
  actor: Actor,
  { entityId, runId }: OneResync,
  { now, pool = appPool() }: Context,
): Promise<void> {
  assertMay(actor, "record.resync", entityId);
  await inTransaction(pool, async (client) => {
    const state = await stateOf(client, entityId, runId);
    if (state !== "running" && state !== "waiting")
      throw new Refusal("conflict", "This run has ended already.");
    await client.query(
      `UPDATE run SET stop_asked_at = $2::timestamptz, stop_asked_by = $3::text,
              state = CASE WHEN state = 'waiting' THEN 'stopped' ELSE state END,
              finished_at = CASE WHEN state = 'waiting' THEN $2::timestamptz END,
              error = CASE WHEN state = 'waiting' THEN $3::text || ' stopped it before it began.' END WHERE id = $1`,
      [runId, now, actor.name],
    );
    await trail(client, actor, entityId, runId, { action: "run.stop", before: { state }, at: now });
  });
}

/** Lets a run that was stopped or failed go on with the orders that wait. Throws Refusal like `stopResyncs`. */
export async function resumeResyncs(
  actor: Actor,
  { entityId, runId }: OneResync,
  { now, pool = appPool() }: Context,
): Promise<void> {
  assertMay(actor, "record.resync", entityId);
  await inTransaction(pool, async (client) => {
    const state = await stateOf(client, entityId, runId);
    if (state !== "stopped" && state !== "failed")
      throw new Refusal("conflict", "Only a run that was stopped or failed can go on.");
    await client.query(
      `UPDATE run SET state = 'waiting', finished_at = NULL, error = NULL, stop_asked_at = NULL, stop_asked_by = NULL
        WHERE id = $1`,
      [runId],
    );
    await addResyncs(client, runId, actor);
    await trail(client, actor, entityId, runId, { action: "run.resume", before: { state }, at: now });
  });
}

async function stateOf(client: pg.ClientBase, entityId: string, runId: string): Promise<string> {
  const { rows } = await client.query<{ state: string }>(
    "SELECT state FROM run WHERE id = $1 AND entity_id = $2 AND kind = 'resync' FOR UPDATE",
    [runId, entityId],
  );
  if (!rows[0]) throw new Refusal("not-found", "There is no such run in this entity.");
  return rows[0].state;
}

const trail = (
  client: pg.PoolClient,
  actor: Actor,
  entityId: string,
  runId: string,
  { action, before, at }: Readonly<{ action: string; before: unknown; at: Date }>,
) =>
  appendAudit(client, {
    chain: entityId,
    at,
    actor: personOf(actor),
    action,
    subject: `run:${runId}`,
    outcome: "done",
    before,
    after: null,
  });
