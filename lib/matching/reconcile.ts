import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { explainGroup } from "@/lib/causes/explain";
import { inTransaction, lockInTransaction, ownerPool, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { loadKept, type Moment, stillAccepted, writeExceptions } from "./exceptions";
import { reconcileFailedRecords } from "./failed-records";
import { exceptionOf } from "./findings";
import { loadGroups } from "./groups";
import { loadOwnership, type Ownership } from "./ownership";
import { clearScope, findAgreed, pairAgreed } from "./plain";
import { makeProposals } from "./proposals";
import { fillScope, type Scope } from "./scope";
import { asOfEntity, type EntityBooks, loadEntities, settingsText } from "./settings";
import { computeSummaries } from "./summary";
import { type Explained, writeCauses, writePairs } from "./write";

const BATCH = 500;

export type ReconcileRequest = Readonly<{
  entityId?: string | undefined;
  /** one month, YYYY-MM */
  period?: string | undefined;
  /** these groups only: after the resync of one order */
  orderKeys?: readonly string[] | undefined;
  /** every group, whether it changed or not */
  full?: boolean | undefined;
}>;

export type ReconcileContext = Readonly<{
  actorName: string;
  actor?: AuditActor | undefined;
  now: () => Date;
  signal?: AbortSignal | undefined;
  onProgress?: ((progress: Readonly<{ entity: string; done: number; total: number }>) => void) | undefined;
  pool?: pg.Pool | undefined;
}>;

export type EntityReport = Readonly<{
  entity: string;
  runId: string;
  asOf: Date;
  groups: number;
  agreed: number;
  opened: number;
  resolved: number;
  proposals: readonly string[];
  outcome: string;
}>;

export type ReconcileReport = Readonly<{ entities: readonly EntityReport[] }>;

/**
 * Reconciles the live entities, or one of them: pairs what agrees inside the database, explains the rest, and writes
 * pairs, causes, exceptions and totals in one transaction per entity. Without period, groups or `full` it looks at
 * what changed since the last run and at what was on its way. The outcome depends on data, settings and as-of only.
 *
 * @throws Refusal `not-found` for an unknown entity, `conflict` while another run of the entity is at work
 */
export async function runReconciliation(
  request: ReconcileRequest,
  context: ReconcileContext,
): Promise<ReconcileReport> {
  const pool = context.pool ?? ownerPool();
  const entities = await inTransaction(pool, (client) => loadEntities(client, request.entityId));
  if (request.entityId && entities.length === 0) {
    throw new Refusal("not-found", `There is no entity ${request.entityId} to reconcile.`);
  }
  const reports: EntityReport[] = [];
  for (const { id } of entities) {
    const held = await whileLocked(pool, `reconcile:${id}`, () => runOne(pool, id, request, context));
    if (!held.locked) {
      throw new Refusal("conflict", `A reconciliation of ${id} is already at work; wait for it to finish.`);
    }
    reports.push(held.result);
  }
  return { entities: reports };
}

async function runOne(
  pool: pg.Pool,
  entityId: string,
  request: ReconcileRequest,
  context: ReconcileContext,
): Promise<EntityReport> {
  const runId = randomUUID();
  const started = context.now();
  await beginRun(pool, runId, entityId, request, context.actorName, started);
  try {
    const report = await inTransaction(pool, (client) =>
      reconcileEntity(client, entityId, request, { ...context, runId, started }),
    );
    return report;
  } catch (error) {
    const state = context.signal?.aborted ? "stopped" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    await pool.query(`UPDATE run SET state = $2, finished_at = $3, error = $4 WHERE id = $1`, [
      runId,
      state,
      context.now(),
      message,
    ]);
    throw error;
  }
}

async function beginRun(
  pool: pg.Pool,
  runId: string,
  entityId: string,
  request: ReconcileRequest,
  actorName: string,
  started: Date,
): Promise<void> {
  // Whoever else says that it runs has lost its lock, and so its process.
  await pool.query(
    `UPDATE run SET state = 'failed', finished_at = $2, error = 'Its process ended before it finished; nothing of it was kept.'
      WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'running'`,
    [entityId, started],
  );
  await pool.query(
    `INSERT INTO run (id, kind, entity_id, period, scope, state, started_at, actor_name)
     VALUES ($1, 'reconcile', $2, $3, $4::jsonb, 'running', $5, $6)`,
    [
      runId,
      entityId,
      request.period ?? null,
      toJson({ full: request.full ?? false, groups: request.orderKeys?.length ?? null }),
      started,
      actorName,
    ],
  );
}

type RunContext = ReconcileContext & Readonly<{ runId: string; started: Date }>;

async function reconcileEntity(
  client: pg.PoolClient,
  entityId: string,
  request: ReconcileRequest,
  context: RunContext,
): Promise<EntityReport> {
  // A page that a sync stores meanwhile would mark groups that this run then takes for looked at: pages wait.
  await lockInTransaction(client, `books:${entityId}`);
  const { entity, proposals } = await settledEntity(client, entityId, context);
  const asOf = await asOfEntity(client, entityId, context.started);
  const settings = hashOf(settingsText(entity));
  const scope = await scopeOf(client, entityId, request, settings);
  const moment: Moment = { at: context.started, runId: context.runId, timeZone: entity.timeZone };
  const teams = await loadOwnership(client, entityId);
  const groups = await fillScope(client, entityId, scope);
  const agreed = await findAgreed(client, entityId, [...entity.settings.noneTaxCodes].sort());
  await clearScope(client);
  await pairAgreed(client);
  const settled = await resolveAgreed(client, entityId, moment);
  const explained = await explainRest(client, entity, asOf, teams, moment, context);
  await reconcileFailedRecords(client, entityId, teams("record-failed", null), moment);
  await client.query("DELETE FROM dirty_group USING scope WHERE dirty_group.order_key = scope.order_key");
  await storeSummaries(client, entityId, asOf, context);
  const outcome = await outcomeOf(client, entityId);
  await client.query(
    `UPDATE run SET state = 'done', finished_at = $2, as_of = $3, found = $4, unchanged = $5, stored = $6, outcome = $7,
            scope = scope || $8::jsonb WHERE id = $1`,
    [
      context.runId,
      context.now(),
      asOf,
      groups,
      agreed,
      groups - agreed,
      outcome,
      toJson({ settings, kind: scope.kind }),
    ],
  );
  await appendAudit(client, {
    chain: entityId,
    at: context.started,
    actor: context.actor ?? { kind: "machine", id: "reconciliation", name: context.actorName },
    action: "run.reconcile",
    subject: context.runId,
    outcome: "done",
    before: null,
    after: { scope: scope.kind, period: request.period ?? null, groups, agreed, asOf, outcome, proposals },
  });
  return {
    entity: entityId,
    runId: context.runId,
    asOf,
    groups,
    agreed,
    opened: explained.opened,
    resolved: explained.resolved + settled,
    proposals,
    outcome,
  };
}

/** The entity with its settings, after proposals were made (and taken, where that was agreed in advance). */
async function settledEntity(
  client: pg.PoolClient,
  entityId: string,
  context: RunContext,
): Promise<Readonly<{ entity: EntityBooks; proposals: readonly string[] }>> {
  const [before] = await loadEntities(client, entityId);
  if (!before) throw new Refusal("not-found", `There is no entity ${entityId} to reconcile.`);
  const confirm = before.acceptProposals
    ? { at: context.started, by: "accepted in advance when the entity was connected" }
    : null;
  const proposals = await makeProposals(client, entityId, context.started, confirm);
  const [entity = before] = await loadEntities(client, entityId);
  return { entity, proposals };
}

async function scopeOf(
  client: pg.PoolClient,
  entityId: string,
  request: ReconcileRequest,
  settings: string,
): Promise<Scope> {
  const { rows } = await client.query<{ settings: string | null }>(
    `SELECT scope->>'settings' AS settings FROM run
      WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'done' ORDER BY finished_at DESC LIMIT 1`,
    [entityId],
  );
  // Other settings may explain any group otherwise.
  if (request.full || rows[0]?.settings !== settings) return { kind: "all" };
  if (request.orderKeys) return { kind: "groups", orderKeys: request.orderKeys };
  if (request.period) return { kind: "period", period: request.period };
  return { kind: "changed" };
}

async function resolveAgreed(client: pg.PoolClient, entityId: string, moment: Moment): Promise<number> {
  const { rows } = await client.query<{ order_key: string }>(
    `SELECT DISTINCT e.order_key FROM exception e JOIN agreed USING (order_key)
      WHERE e.entity_id = $1 AND e.state <> 'resolved' AND e.cause <> 'record-failed'`,
    [entityId],
  );
  const kept = await loadKept(
    client,
    entityId,
    rows.map((row) => row.order_key),
  );
  return (await writeExceptions(client, kept, [], moment)).resolved;
}

async function explainRest(
  client: pg.PoolClient,
  entity: EntityBooks,
  asOf: Date,
  teams: Ownership,
  moment: Moment,
  context: RunContext,
): Promise<Readonly<{ opened: number; resolved: number }>> {
  const { rows } = await client.query<{ order_key: string }>(
    "SELECT order_key FROM scope EXCEPT SELECT order_key FROM agreed ORDER BY order_key",
  );
  let opened = 0;
  let resolved = 0;
  for (let done = 0; done < rows.length; done += BATCH) {
    context.signal?.throwIfAborted();
    const keys = rows.slice(done, done + BATCH).map((row) => row.order_key);
    const explained = (await loadGroups(client, entity, asOf, keys)).map((group) => explainOne(group, teams));
    const found = explained.flatMap((one) => one.exceptions).filter((one) => one !== null);
    const kept = await loadKept(client, entity.id, keys);
    const accepted = stillAccepted(kept, found);
    await writePairs(client, explained, accepted);
    await writeCauses(client, explained, accepted);
    const counts = await writeExceptions(client, kept, found, moment);
    opened += counts.opened;
    resolved += counts.resolved;
    context.onProgress?.({
      entity: entity.id,
      done: Math.min(done + BATCH, rows.length),
      total: rows.length,
    });
  }
  return { opened, resolved };
}

function explainOne(group: Parameters<typeof explainGroup>[0], teams: Ownership): Explained {
  const outcome = explainGroup(group);
  const pairs = outcome.pairs.map(({ pair }) => pair);
  const exceptions = outcome.findings.map((finding) =>
    finding.cause.raises ? exceptionOf(group, finding, pairs, teams(finding.cause.code, group.shopId)) : null,
  );
  return { group, outcome, exceptions };
}

async function storeSummaries(
  client: pg.PoolClient,
  entityId: string,
  asOf: Date,
  context: RunContext,
): Promise<void> {
  for (const summary of await computeSummaries(client, entityId, asOf)) {
    await client.query("INSERT INTO period (entity_id, month) VALUES ($1, $2) ON CONFLICT DO NOTHING", [
      entityId,
      summary.period,
    ]);
    await client.query(
      `INSERT INTO period_summary (run_id, entity_id, period, currency, as_of, made_at, ties_out, totals)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)`,
      [
        context.runId,
        entityId,
        summary.period,
        summary.currency,
        asOf,
        context.started,
        summary.tiesOut,
        toJson(summary),
      ],
    );
  }
}

/** A hash of pairs and causes that doesn't depend on their order: the same input gives the same. */
async function outcomeOf(client: pg.PoolClient, entityId: string): Promise<string> {
  const { rows } = await client.query<{ outcome: string }>(
    `SELECT coalesce((SELECT sum(hashtextextended(p::text, 0)::numeric) FROM pair p WHERE entity_id = $1), 0)::text || '/' ||
            coalesce((SELECT sum(hashtextextended(c::text, 0)::numeric) FROM cause c WHERE entity_id = $1), 0)::text AS outcome`,
    [entityId],
  );
  return hashOf(rows[0]?.outcome ?? "");
}
