import { randomUUID } from "node:crypto";
import type pg from "pg";
import type { AuditActor } from "@/lib/audit/event";
import { appendAudit } from "@/lib/audit/record";
import { inTransaction, ownerPool, whileHolding, whileLocked } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { hashOf } from "@/lib/domain/identity";
import { toJson } from "@/lib/domain/json";
import { type AcceptanceRule, loadAcceptanceRules } from "./acceptance-rules";
import { recordStrays } from "./breaches";
import { loadDueRules } from "./due";
import { recountExceptions } from "./exception-tally";
import type { Moment } from "./exceptions";
import { reconcileFailedRecords } from "./failed-records";
import { reconcileGoneOrders } from "./gone-orders";
import { matchFew } from "./match-few";
import { matchSlice, type SliceReport, type SliceRequest } from "./match-slice";
import { hasMembers, mayConcernSummaries } from "./members";
import { loadTeller, type Teller } from "./movements";
import { loadOwnership } from "./ownership";
import { reconcilePostedChanges } from "./posted-changes";
import { differenceIn, dropBefore, type Effect, keepBefore, together } from "./preview";
import { makeProposals } from "./proposals";
import { keepRootCauses } from "./root-causes";
import { FEW_GROUPS, type Scope, type Slice, sizeOfScope, slicesOf, withSeveral } from "./scope";
import { asOfEntity, type EntityBooks, loadEntities, settingsText } from "./settings";
import { reconcileStatusDrift } from "./status/drift";
import { storeSummaries } from "./summary";
import { keepSummaries } from "./summary-postings";
import { tallyHash } from "./tally";

/** Slices at work at the same time: an INSERT … SELECT keeps one core busy, and explaining another. */
const MATCHERS = 2;

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
  /** how the work is cut; the outcome does not depend on it */
  cut?: Readonly<{ matchers?: number; sliceGroups?: number; batch?: number }> | undefined;
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
 * pairs, causes, exceptions and totals. Without period, groups or `full` it looks at what changed since the last run and
 * at what was on its way. Large scopes are worked through in slices of groups, several at a time, each in a transaction
 * of its own; totals move when the run is done. The outcome depends on data, settings and as-of only.
 *
 * @throws Refusal `not-found` for an unknown entity, `conflict` while another run of the entity is at work
 */
export async function runReconciliation(
  request: ReconcileRequest,
  context: ReconcileContext,
): Promise<ReconcileReport> {
  const pool = context.pool ?? ownerPool();
  const entities = await liveEntities(pool, request.entityId);
  if (request.entityId && entities.length === 0) {
    throw new Refusal("not-found", `There is no entity ${request.entityId} to reconcile.`);
  }
  const reports: EntityReport[] = [];
  for (const id of entities) {
    const held = await whileLocked(pool, `reconcile:${id}`, () =>
      // A page that a sync stores meanwhile would mark groups that this run then takes for looked at: pages wait.
      whileHolding(pool, `books:${id}`, () => runOne(pool, id, request, context)),
    );
    if (!held.locked) {
      throw new Refusal("conflict", `A reconciliation of ${id} is already at work; wait for it to finish.`);
    }
    reports.push(held.result);
  }
  return { entities: reports };
}

async function liveEntities(pool: pg.Pool, entityId: string | undefined): Promise<readonly string[]> {
  const { rows } = await pool.query<{ id: string }>(
    "SELECT id FROM entity WHERE retired_at IS NULL AND ($1::text IS NULL OR id = $1) ORDER BY id",
    [entityId ?? null],
  );
  return rows.map((row) => row.id);
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
    return await reconcileEntity(pool, entityId, request, { ...context, runId, started });
  } catch (error) {
    const state = context.signal?.aborted ? "stopped" : "failed";
    const message = error instanceof Error ? error.message : String(error);
    // Not where it is done, and only the answer to its last commit was lost.
    await pool.query(
      `UPDATE run SET state = $2, finished_at = $3, error = $4 WHERE id = $1 AND state = 'running'`,
      [runId, state, context.now(), message],
    );
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
  await inTransaction(pool, async (client) => {
    // What is lost with the machine is that a run began, of which then nothing is stored.
    await client.query("SET LOCAL synchronous_commit = off");
    // Whoever else says that it runs has lost its lock, and so its process.
    await client.query(
      `UPDATE run SET state = 'failed', finished_at = $2,
              error = 'Its process ended before it finished; groups that it had not come to are matched by the next run.'
        WHERE kind = 'reconcile' AND entity_id = $1 AND state = 'running'`,
      [entityId, started],
    );
    await client.query(
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
  });
}

type RunContext = ReconcileContext & Readonly<{ runId: string; started: Date }>;

async function reconcileEntity(
  pool: pg.Pool,
  entityId: string,
  request: ReconcileRequest,
  context: RunContext,
): Promise<EntityReport> {
  const planned = await inTransaction(pool, async (client) => {
    const plan = await planRun(client, entityId, request, context);
    const { scope } = plan;
    if (scope.kind !== "groups" || scope.orderKeys.length > FEW_GROUPS || context.cut) return { plan };
    const report = await matchFew(client, { ...plan, part: 0, orderKeys: scope.orderKeys });
    return { done: await finishRun(client, request, context, plan, report) };
  });
  if (planned.done) return planned.done;
  const { plan } = planned;
  const [only] = plan.slices;
  if (plan.slices.length === 1 && only) {
    return inTransaction(pool, async (client) => {
      const report = await matchMeasured(
        client,
        plan,
        sliceRequest(plan, only, 0, context, (done) => done),
      );
      return finishRun(client, request, context, plan, report);
    });
  }
  // What was just loaded or matched by the hundred thousand has no statistics yet, and statements would be planned for empty
  // tables until PostgreSQL looks by itself. A role that may not is warned, and passes.
  await pool.query("ANALYZE line, document, document_version, sales_order");
  const reports = await matchSlices(pool, plan, context);
  await pool.query("ANALYZE pair, pair_line, cause, exception");
  return inTransaction(pool, (client) => finishRun(client, request, context, plan, total(reports)));
}

type Plan = Readonly<{
  entity: EntityBooks;
  asOf: Date;
  settings: string;
  scope: Scope;
  slices: readonly Slice[];
  /** whether the entity has groups of several orders */
  hasSeveral: boolean;
  teams: SliceRequest["teams"];
  rules: readonly AcceptanceRule[];
  moment: Moment;
  teller: Teller;
  proposals: readonly string[];
  /** changes of mappings whose effect this run is the first to have, and what it measures of it, slice by slice */
  measured: Readonly<{ requests: readonly string[]; changed: number; effects: Effect[] }>;
}>;

async function planRun(
  client: pg.PoolClient,
  entityId: string,
  request: ReconcileRequest,
  context: RunContext,
): Promise<Plan> {
  const { entity, proposals } = await settledEntity(client, entityId, request, context);
  const asOf = await asOfEntity(client, entityId, context.started);
  const settings = hashOf(settingsText(entity));
  const asked = await scopeOf(client, entityId, request, settings);
  const teller = await loadTeller(client, entityId, {
    runId: context.runId,
    at: context.started,
    settings,
    byPerson: asked.kind === "groups" && (context.actor?.kind ?? "machine") !== "machine",
  });
  const { scope, notes } = await withSummaries(client, entityId, asked, teller);
  const slices = slicesOf(await sizeOfScope(client, entityId, scope), context.cut?.sliceGroups);
  const hasSeveral = await hasMembers(client, entityId);
  return {
    entity,
    proposals: [...proposals, ...notes],
    asOf,
    settings,
    scope,
    slices: hasSeveral ? withSeveral(slices) : slices,
    hasSeveral,
    teams: await loadOwnership(client, entityId),
    rules: await loadAcceptanceRules(client, entityId, dayIn(context.started, entity.timeZone)),
    moment: {
      at: context.started,
      runId: context.runId,
      timeZone: entity.timeZone,
      due: await loadDueRules(client, entityId),
    },
    teller,
    measured:
      scope.kind === "all" || scope.kind === "changed" ? await toBeMeasured(client, entityId) : NOT_MEASURED,
  };
}

const NOT_MEASURED: Plan["measured"] = { requests: [], changed: 0, effects: [] };

/** The changes of mappings that were made since the last reconciliation of everything that changed. */
async function toBeMeasured(client: pg.PoolClient, entityId: string): Promise<Plan["measured"]> {
  const { rows } = await client.query<{ id: string }>(
    `SELECT m.id FROM mapping_request m WHERE m.entity_id = $1 AND m.state = 'made' AND m.actual_at IS NULL AND m.basis IS NOT NULL
        AND NOT EXISTS (SELECT FROM run r WHERE r.kind = 'reconcile' AND r.entity_id = $1 AND r.state = 'done'
          AND r.scope ->> 'kind' IN ('all', 'changed') AND r.started_at > m.decided_at) ORDER BY m.id`,
    [entityId],
  );
  const changed = await client.query<{ count: number }>(
    "SELECT count(*)::int AS count FROM dirty_group WHERE entity_id = $1",
    [entityId],
  );
  return { requests: rows.map((row) => row.id), changed: changed.rows[0]?.count ?? 0, effects: [] };
}

/**
 * The scope once summary postings are found anew, and what is to be said of that. A run of single groups looks only
 * where one of them is concerned, and takes along what that changes.
 */
async function withSummaries(
  client: pg.PoolClient,
  entityId: string,
  scope: Scope,
  teller: Teller,
): Promise<Readonly<{ scope: Scope; notes: readonly string[] }>> {
  if (scope.kind !== "groups") return { scope, notes: (await keepSummaries(client, entityId, teller)).notes };
  if (!(await mayConcernSummaries(client, entityId, scope.orderKeys))) return { scope, notes: [] };
  const { changed, notes } = await keepSummaries(client, entityId, teller);
  return { scope: { kind: "groups", orderKeys: [...new Set([...scope.orderKeys, ...changed])] }, notes };
}

/** Matches a slice, and measures what changes by it where changes of mappings wait for that. */
async function matchMeasured(
  client: pg.PoolClient,
  { entity, measured }: Plan,
  request: SliceRequest,
): Promise<SliceReport> {
  if (measured.requests.length === 0) return matchSlice(client, request);
  await keepBefore(client, entity.id, request.slice);
  const report = await matchSlice(client, request);
  measured.effects.push({
    groups: report.groups,
    ...(await differenceIn(client, entity.id, request.slice)),
  });
  await dropBefore(client);
  return report;
}

/** Works through the slices, so many at a time; the first that fails ends them all. */
async function matchSlices(pool: pg.Pool, plan: Plan, context: RunContext): Promise<readonly SliceReport[]> {
  const waiting = [...plan.slices];
  const reports: SliceReport[] = [];
  const stop = new AbortController();
  const signal = context.signal ? AbortSignal.any([context.signal, stop.signal]) : stop.signal;
  const matcher = async (part: number) => {
    for (let slice = waiting.shift(); slice; slice = waiting.shift()) {
      const inHand = slice;
      const share = (done: number, all: number) => reports.length * 1000 + Math.floor((done * 1000) / all);
      reports.push(
        await inTransaction(pool, (client) =>
          matchMeasured(client, plan, sliceRequest(plan, inHand, part, { ...context, signal }, share)),
        ),
      );
      context.onProgress?.({
        entity: plan.entity.id,
        done: reports.length * 1000,
        total: plan.slices.length * 1000,
      });
    }
  };
  // What another does meanwhile would be measured with it.
  const matchers = plan.measured.requests.length > 0 ? 1 : (context.cut?.matchers ?? MATCHERS);
  const count = Math.min(matchers, plan.slices.length);
  const done = await Promise.allSettled(
    Array.from({ length: count }, (_, part) =>
      matcher(part).catch((error: unknown) => {
        stop.abort();
        throw error;
      }),
    ),
  );
  const failed = done.find((one) => one.status === "rejected");
  if (failed) throw failed.reason;
  return reports;
}

function sliceRequest(
  plan: Plan,
  slice: Slice,
  part: number,
  context: RunContext,
  share: (done: number, total: number) => number,
): SliceRequest {
  const { entity, scope, asOf, teams, rules, moment, teller } = plan;
  const all = plan.slices.length === 1 ? null : plan.slices.length * 1000;
  return {
    entity,
    scope,
    slice,
    asOf,
    teams,
    rules,
    moment,
    teller,
    part,
    signal: context.signal,
    batch: context.cut?.batch,
    onExplained: (done, total) =>
      context.onProgress?.({ entity: entity.id, done: share(done, total), total: all ?? total }),
  };
}

const total = (reports: readonly SliceReport[]): SliceReport => ({
  groups: reports.reduce((all, one) => all + one.groups, 0),
  agreed: reports.reduce((all, one) => all + one.agreed, 0),
  opened: reports.reduce((all, one) => all + one.opened, 0),
  resolved: reports.reduce((all, one) => all + one.resolved, 0),
  months: [...new Set(reports.flatMap((one) => one.months))],
});

async function finishRun(
  client: pg.PoolClient,
  request: ReconcileRequest,
  context: RunContext,
  plan: Plan,
  { groups, agreed, opened, resolved, months }: SliceReport,
): Promise<EntityReport> {
  const { entity, asOf, settings, scope, teams, moment, proposals } = plan;
  const entityId = entity.id;
  const failed = await reconcileFailedRecords(client, entityId, teams("record-failed", null), moment);
  await reconcileGoneOrders(client, entityId, teams("order-gone", null), moment);
  await reconcilePostedChanges(client, entityId, teams("posted-changed", null), moment);
  await reconcileStatusDrift(client, entity, asOf, { teams, moment, scope: scope.kind });
  await keepRootCauses(client, entityId, {
    runId: context.runId,
    all: scope.kind === "all",
    at: context.started,
  });
  if (scope.kind === "all") await recountExceptions(client, entityId, context.started);
  const strays = await recordStrays(client, entityId, scope.kind === "all");
  await storeSummaries(client, {
    entity,
    asOf,
    runId: context.runId,
    at: context.started,
    months: scope.kind === "groups" ? [...new Set([...months, ...failed, ...strays])] : null,
  });
  const outcome = hashOf(await tallyHash(client, entityId));
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
  const { requests, changed, effects } = plan.measured;
  if (requests.length > 0)
    await client.query(
      "UPDATE mapping_request SET actual = $2::jsonb, actual_at = $3 WHERE id = ANY ($1::uuid[])",
      [
        requests,
        toJson({ effect: together(effects), changedGroups: changed, together: requests.length }),
        context.now(),
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
    opened,
    resolved,
    proposals,
    outcome,
  };
}

/**
 * The entity with its settings, after proposals were made (and taken, where that was agreed in advance). They come from
 * the whole population, so a run of single groups makes none.
 */
async function settledEntity(
  client: pg.PoolClient,
  entityId: string,
  request: ReconcileRequest,
  context: RunContext,
): Promise<Readonly<{ entity: EntityBooks; proposals: readonly string[] }>> {
  const [before] = await loadEntities(client, entityId);
  if (!before) throw new Refusal("not-found", `There is no entity ${entityId} to reconcile.`);
  if (request.orderKeys) return { entity: before, proposals: [] };
  const confirm = before.acceptProposals
    ? { at: context.started, by: "accepted in advance when the entity was connected" }
    : null;
  // Nobody confirms mappings alone where two people change them: what is proposed is asked for (lib/mappings).
  const taxCodes = before.secondPerson ? null : confirm;
  const proposals = await makeProposals(client, entityId, context.started, { rounding: confirm, taxCodes });
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
