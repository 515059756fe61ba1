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
import { ordersLackingMapping, ordersOfExceptions, ordersOfFilter } from "@/lib/exceptions/list-orders";
import { ExceptionQuery } from "@/lib/exceptions/schema";
import { addJob } from "@/lib/jobs/queue";
import { ordersOfFailed, ordersOfFailedLacking } from "@/lib/sync/list-failed";
import { resumeRun, type StoppableRuns, stopRun, waitAgain } from "@/lib/sync/mutations-runs";
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
  return inTransaction(pool, (client) => addChosenResyncs(client, actor, { entityId, selection }, { now }));
}

/**
 * The same inside the caller's transaction. `after` names what the entity is matched for as a whole when the orders are
 * done (a change of its settings). Throws Refusal like `requestResyncs`.
 */
export async function addChosenResyncs(
  client: pg.PoolClient,
  actor: Actor,
  { entityId, selection }: ResyncMany,
  { now, after }: Readonly<{ now: Date; after?: string }>,
): Promise<Readonly<{ runId: string; count: number }>> {
  assertMay(actor, "record.resync", entityId);
  assertMay(actor, pageOf(selection), entityId);
  const keys = await chosen(client, actor, entityId, selection, now);
  const planned = await planResyncs(client, entityId, keys, {
    scope: { ...scopeOf(selection), ...(after === undefined ? {} : { after }) },
    by: personOf(actor),
    at: now,
  });
  await addResyncs(client, planned.runId, actor);
  return planned;
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
    case "exceptions-lacking":
      return ordersLackingMapping(client, entityId, selection, most);
    case "failed":
      return ordersOfFailed(client, entityId, { ids: selection.ids }, most);
    case "failed-lacking":
      return ordersOfFailedLacking(client, entityId, selection.id, most);
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

/** Resyncs of several orders. One that was stopped goes on with the orders that wait. */
const RESYNCS: StoppableRuns = {
  kinds: ["resync"],
  permission: "record.resync",
  async goOn(client, { id }, actor) {
    await waitAgain(client, id);
    await addResyncs(client, id, actor);
  },
};

/** Asks a run to stop after the orders it is at; see stopRun. */
export const stopResyncs = (actor: Actor, one: OneResync, context: Context): Promise<void> =>
  stopRun(actor, one, RESYNCS, context);

/** Lets a run go on with the orders that wait; see resumeRun. */
export const resumeResyncs = (actor: Actor, one: OneResync, context: Context): Promise<void> =>
  resumeRun(actor, one, RESYNCS, context);
