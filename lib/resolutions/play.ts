import { randomUUID } from "node:crypto";
import type pg from "pg";
import {
  calculated,
  calculators,
  type Priced,
  pricedParts,
  SCAYLE_POLICY,
} from "@/lib/causes/scayle-rounding";
import type { HeldOrder, Standing } from "@/lib/connectors/write";
import { Refusal } from "@/lib/domain/faults";
import { toJson } from "@/lib/domain/json";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { invoicesFromJson, orderFromJson } from "@/lib/matching/order-codec";
import { loadEntities } from "@/lib/matching/settings";
import { deriveBooksAgain } from "@/lib/sync/store/books";
import type { StoreContext } from "@/lib/sync/store/context";
import { writeLedger } from "@/lib/sync/store/ledger";
import { markDirty } from "@/lib/sync/store/rows";
import { contextsIn, type Subject } from "./context";
import { isPlan, type Plan, type ResolutionContext, type WrittenResolution } from "./contract";
import { basisOfPlan, previewOf } from "./preview";
import type { Writers } from "./writers";

/** What came of playing a resolution for some exceptions. */
export type Played = Readonly<{
  /** exceptions that are left to people, by id: why, in a sentence */
  left: ReadonlyMap<string, string>;
  /** exceptions of which everything would be sent */
  sent: readonly string[];
  /** documents that would be posted, or orders that would be changed */
  written: number;
  /** nothing is sent, since the connection that it would go through has no path: people do all of it */
  isByHand: boolean;
}>;

export type PlayRequest = Readonly<{
  entityId: string;
  resolution: WrittenResolution;
  subjects: readonly Subject[];
  writers: Writers;
  now: Date;
}>;

const PLANNED_AT_ONCE = 250;

export const AT_WORK = "It is being put right already.";
export const NOT_FOUND = "It is not found any more as it stands here: reconcile first.";
const MOVED =
  "What would be sent for it changes once the order’s other exception is put right: begin it again afterwards.";

type Ready = Readonly<{ subject: Subject; plan: Plan; basis: string }>;

/**
 * Plays what the runner would do for exceptions, in the caller's transaction, which is to be rolled back: each is planned as it
 * would be, and what the other system will have afterwards is stored as if it had been read. Of several of one order one after
 * the other, each as the books stand then. Nothing is sent.
 */
export async function playResolution(client: pg.PoolClient, request: PlayRequest): Promise<Played> {
  const left = new Map<string, string>();
  const sent: string[] = [];
  let written = 0;
  const { ready, lacking } = await readyOf(client, request, left);
  const queues = new Map<string, Ready[]>();
  for (const one of [...ready].sort((a, b) => (a.subject.id < b.subject.id ? -1 : 1))) {
    const queue = queues.get(one.subject.orderKey);
    if (queue) queue.push(one);
    else queues.set(one.subject.orderKey, [one]);
  }
  const stored = await storing(client, request);
  for (let round = 0; ; round += 1) {
    const next = [...queues.values()].flatMap((queue) => queue[round] ?? []);
    if (next.length === 0) return { left, sent, written, isByHand: sent.length === 0 && lacking };
    for (let first = 0; first < next.length; first += PLANNED_AT_ONCE) {
      const some = next.slice(first, first + PLANNED_AT_ONCE);
      const contexts = await contextsIn(
        client,
        request.entityId,
        some.map((one) => one.subject),
        request.now,
      );
      const going = some.flatMap((one): readonly (Ready & { context: ResolutionContext })[] => {
        const context = contexts.get(one.subject.id);
        // What an earlier one of its order cleared is not sent any more.
        if (!context || "stock" in context) return [];
        const again = request.resolution.plan(context);
        if (!isPlan(again)) left.set(one.subject.id, again.cannot);
        else if (basisOfPlan(request.resolution.code, again) !== one.basis) left.set(one.subject.id, MOVED);
        else return [{ ...one, context }];
        return [];
      });
      written += await stored(going);
      sent.push(...going.map((one) => one.subject.id));
    }
  }
}

/** The plans of those that something can be sent for; why not of the others. */
async function readyOf(
  client: pg.PoolClient,
  { entityId, resolution, subjects, writers, now }: PlayRequest,
  left: Map<string, string>,
): Promise<Readonly<{ ready: readonly Ready[]; lacking: boolean }>> {
  const { rows } = await client.query<{ id: string }>(
    "SELECT exception_id AS id FROM resolution_attempt WHERE entity_id = $1 AND exception_id = ANY ($2::uuid[]) AND ended_at IS NULL",
    [entityId, subjects.map((one) => one.id)],
  );
  for (const { id } of rows) left.set(id, AT_WORK);
  const free = subjects.filter((one) => !left.has(one.id));
  const ready: Ready[] = [];
  let lacking = false;
  for (let first = 0; first < free.length; first += PLANNED_AT_ONCE) {
    const some = free.slice(first, first + PLANNED_AT_ONCE);
    const contexts = await contextsIn(client, entityId, some, now);
    for (const subject of some) {
      const context = contexts.get(subject.id);
      if (context && "stock" in context) {
        left.set(
          subject.id,
          "Stock is in no books: what a push is expected to change stands with it, and what is read back decides.",
        );
        continue;
      }
      if (context?.drift !== undefined) {
        left.set(
          subject.id,
          "How far an order is stands in no books: what telling SCAYLE is expected to change stands with it, and what is read back decides.",
        );
        continue;
      }
      if (context) lacking ||= hasNoPath(resolution, context, writers);
      const planned = context ? resolution.plan(context) : { cannot: NOT_FOUND };
      if (!isPlan(planned)) {
        left.set(subject.id, planned.cannot);
        continue;
      }
      const lacks = lacksOf(planned, writers);
      if (lacks === null)
        ready.push({ subject, plan: planned, basis: basisOfPlan(resolution.code, planned) });
      else left.set(subject.id, lacks);
    }
  }
  return { ready, lacking };
}

/** Whether the connection that a resolution goes through can't be written to at all: then people do it there. */
function hasNoPath(
  { target }: WrittenResolution,
  { erp, store }: ResolutionContext,
  writers: Writers,
): boolean {
  const connectionId = target === "erp" ? erp : store;
  if (connectionId === null) return true;
  try {
    const { writer } = writers.of({ connectionId });
    return writer === null || (target === "erp" && writer.lacks("post-document") !== null);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return true;
  }
}

/** Why a person does some of a plan in the other system; null where all of it is sent. */
function lacksOf(plan: Plan, writers: Writers): string | null {
  try {
    const [lacking] = previewOf(plan, "…", writers).flatMap(({ lacks }) => lacks ?? []);
    if (lacking !== undefined) return lacking;
    const isKnown = plan.writes.every((planned) => writers.of(planned).writer?.afterwards !== undefined);
    return isKnown ? null : "What its system makes of it is not known beforehand.";
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.message;
  }
}

/** Stores what is read once plans have their effect; says how much of it there is. */
async function storing(client: pg.PoolClient, { entityId, writers, now }: PlayRequest) {
  const [entity] = await loadEntities(client, entityId);
  if (!entity) throw new Refusal("not-found", `There is no entity ${entityId}.`);
  const policy = entity.settings.recognition;
  let count = 0;
  const context = (connectionId: string): StoreContext => ({
    entityId,
    connectionId,
    feedId: randomUUID(),
    runId: randomUUID(),
    at: now,
    policy,
    rederive: false,
  });
  return async (going: readonly (Ready & { context: ResolutionContext })[]): Promise<number> => {
    if (going.length === 0) return 0;
    const orders = await ordersOf(
      client,
      going.map((one) => one.subject.orderKey),
    );
    const documents = new Map<string, Standing["documents"][number][]>();
    const changed = new Map<string, string[]>();
    let written = 0;
    for (const { subject, plan, context: of } of going) {
      for (const planned of plan.writes) {
        const { writer } = writers.of(planned);
        const order = orders.get(subject.orderKey) ?? null;
        count += 1;
        const after = writer?.afterwards?.(
          planned.write,
          { documents: [...of.posted.values()], order },
          { id: `to be posted ${count}`, at: now },
        );
        if (!after) continue;
        documents.set(planned.connectionId, [
          ...(documents.get(planned.connectionId) ?? []),
          ...after.documents,
        ]);
        if (after.order) {
          const changedOrder = planned.write.kind === "refund" ? withTotal(of, after.order) : after.order;
          await keepOrder(client, subject.orderKey, changedOrder);
          orders.set(subject.orderKey, changedOrder);
          changed.set(planned.connectionId, [...(changed.get(planned.connectionId) ?? []), subject.orderKey]);
        }
        written += 1;
      }
    }
    for (const [connectionId, some] of documents)
      await writeLedger(
        client,
        context(connectionId),
        some.map((document) => ({ document, recordId: null })),
      );
    for (const [connectionId, keys] of changed) {
      await deriveBooksAgain(client, context(connectionId), keys);
      await markDirty(client, entityId, keys, now);
    }
    return written;
  };
}

async function ordersOf(client: pg.PoolClient, keys: readonly string[]): Promise<Map<string, HeldOrder>> {
  const { rows } = await client.query<{ key: string; content: unknown; invoices: unknown }>(
    "SELECT order_key AS key, content, invoices FROM sales_order WHERE order_key = ANY ($1::uuid[])",
    [[...new Set(keys)]],
  );
  return new Map(
    rows.map((row) => [
      row.key,
      { order: orderFromJson(row.content), invoices: invoicesFromJson(row.invoices) },
    ]),
  );
}

const keepOrder = (client: pg.PoolClient, key: string, { order, invoices }: HeldOrder) =>
  client.query("UPDATE sales_order SET content = $2::jsonb, invoices = $3::jsonb WHERE order_key = $1", [
    key,
    toJson(order),
    invoices === null ? null : toJson(invoices),
  ]);

/** An order of which items came back, with the total that SCAYLE's own calculator makes of what is left. */
function withTotal({ group, store }: ResolutionContext, held: HeldOrder): HeldOrder {
  const { order } = held;
  const before = group.order;
  const policy = (store === null ? null : group.settings.rounding.get(store)?.policy) ?? SCAYLE_POLICY;
  const back = new Set(order.items.filter((item) => item.returnedAt !== null).map((item) => item.id));
  const basis = pricedParts(group);
  if (!before || !basis || before.cost.gross === null || before.cost.tax === null) return held;
  const left = basis.filter((part) => !("id" in part && back.has(part.id)));
  const gross = left.reduce((all, part) => all + part.gross, 0n);
  const tax = taxLeft(basis, left, before.cost.tax, policy);
  if (tax === null) return held;
  return { ...held, order: { ...order, cost: { ...order.cost, net: gross - tax, tax, gross } } };
}

/** The tax of what is left, by whichever of SCAYLE's calculators made the total before; null where none did. */
function taxLeft(
  basis: readonly Priced[],
  left: readonly Priced[],
  total: bigint,
  policy: RoundingPolicy,
): bigint | null {
  const sum = (parts: readonly Priced[]) => parts.reduce((all, part) => all + (part.tax ?? 0n), 0n);
  for (const calculator of calculators) {
    const at = calculated(basis, calculator, policy).indexOf(total);
    if (at >= 0) return calculated(left, calculator, policy)[at] ?? null;
  }
  return sum(basis) === total ? sum(left) : null;
}
