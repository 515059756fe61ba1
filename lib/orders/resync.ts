import "server-only";
import { audited, personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { appPool, claimPool, whileHolding, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { runReconciliation } from "@/lib/matching/reconcile";
import { patiently } from "@/lib/sync/run-patiently";
import { orderKeyOfRecord, syncSomeOrders, syncSourceRecord } from "@/lib/sync/run-some-orders";
import { changesBetween } from "./changes";
import { NOTHING, snapshotOf } from "./one-snapshot";
import type { Resync, ResyncRecord } from "./schema";

/** What reading an order again changed, in words; none: everything was as it is at the source. */
export type Resynced = Readonly<{
  /** where the order is now: an ERP document may have found its order */
  orderKey: string;
  changes: readonly string[];
  /** systems that could not be read, one sentence each; what the others said is kept */
  problems: readonly string[];
  /** somebody else had it read again at the same moment: that was one run, and this is what it left */
  joined: boolean;
}>;

/**
 * Reads one order again from both systems, reconciles it, and says what changed. Two who ask at once have one run: the
 * second waits for the first. A feed or an entity that is at work is waited for a while.
 * Throws Refusal: "not-allowed"; "not-found"; "unavailable" when no system could be read; "conflict" while others are at its
 * feeds or its entity on and on.
 */
export async function resyncOrder(actor: Actor, input: Resync, now: () => Date): Promise<Resynced> {
  const { entityId, orderKey } = input;
  assertMay(actor, "record.resync", entityId);
  const reference = await nameOf(entityId, orderKey);
  const work = () => resyncNow(actor, input, reference, now);
  const resynced = await onceAtATime(claimOf(entityId, orderKey), work);
  return resynced ?? { orderKey, changes: [], problems: [], joined: true };
}

/**
 * The same for a record as its source names it, of which nothing may be held: it is read with what belongs to it, and comes
 * in as new. Throws Refusal like `resyncOrder`.
 */
export async function resyncSourceRecord(
  actor: Actor,
  input: ResyncRecord,
  now: () => Date,
): Promise<Resynced> {
  const { entityId, record } = input;
  assertMay(actor, "record.resync", entityId);
  const claim = `resync:${entityId}:${record.feedId} ${record.kind} ${record.sourceId}`;
  const fetched = await onceAtATime(claim, async () => {
    const orderKey = await orderKeyOfRecord(appPool(), entityId, record);
    return orderKey === null ? fetchNow(actor, input, now) : resyncOrder(actor, { entityId, orderKey }, now);
  });
  if (fetched) return fetched;
  const orderKey = await orderKeyOfRecord(appPool(), entityId, record);
  if (orderKey === null) throw new Refusal("not-found", NOT_THERE);
  return { orderKey, changes: [], problems: [], joined: true };
}

const NOT_THERE = "Its source does not have this record.";

/** Does some work unless somebody is at it: then null, once they are done. */
async function onceAtATime<Result>(claim: string, work: () => Promise<Result>): Promise<Result | null> {
  const claimed = await whileLocked(claimPool(), claim, work);
  if (claimed.locked) return claimed.result;
  await whileHolding(claimPool(), claim, async () => undefined);
  return null;
}

async function fetchNow(
  actor: Actor,
  { entityId, record }: ResyncRecord,
  now: () => Date,
): Promise<Resynced> {
  await audited(actor, entityId, async () => ({
    result: undefined,
    change: {
      action: "record.resync",
      subject: `record:${record.feedId}/${record.sourceId}`,
      before: null,
      after: record,
    },
  }));
  const context = { actorName: actor.name, actor: personOf(actor), now };
  const read = await patiently(() => syncSourceRecord(entityId, record, context));
  const problems = [...read.broken, ...[...read.problems.values()].flat()];
  const orderKey = await orderKeyOfRecord(appPool(), entityId, record);
  if (orderKey === null) {
    throw problems.length > 0
      ? new Refusal("unavailable", problems.join(" "))
      : new Refusal("not-found", NOT_THERE);
  }
  await patiently(() => runReconciliation({ entityId, orderKeys: read.touched }, context));
  const changes = changesBetween(NOTHING, await snapshotOf(entityId, orderKey));
  return { orderKey, changes, problems, joined: false };
}

/** Whoever reads an order again holds this: of several who want it, one does. */
export const claimOf = (entityId: string, orderKey: string): string => `resync:${entityId}:${orderKey}`;

async function resyncNow(
  actor: Actor,
  { entityId, orderKey }: Resync,
  reference: string,
  now: () => Date,
): Promise<Resynced> {
  const before = await snapshotOf(entityId, orderKey);
  // The asking is kept first: it happened even if a system can't be reached.
  await audited(actor, entityId, async () => ({
    result: undefined,
    change: { action: "record.resync", subject: `order:${orderKey}`, before: null, after: { reference } },
  }));
  const context = { actorName: actor.name, actor: personOf(actor), now };
  const read = await patiently(() => syncSomeOrders(entityId, [orderKey], { order: reference }, context));
  const problems = [...read.broken, ...(read.problems.get(orderKey) ?? [])];
  if (read.feeds > 0 && read.broken.length === read.feeds) {
    throw new Refusal("unavailable", `No system could be read. ${problems.join(" ")}`);
  }
  const orderKeys = [...new Set([orderKey, ...read.touched])];
  await patiently(() => runReconciliation({ entityId, orderKeys }, context));
  const after = await snapshotOf(entityId, orderKey);
  const isHere = after.status !== null || after.documents.length > 0;
  const elsewhere = isHere ? undefined : await moved(entityId, read.touched);
  return {
    orderKey: elsewhere ?? orderKey,
    changes: changesBetween(before, after),
    problems,
    joined: false,
  };
}

/** The order under which its documents stand now, if one of the keys that were read is an order. */
async function moved(entityId: string, orderKeys: readonly string[]): Promise<string | undefined> {
  const { rows } = await appPool().query<{ orderKey: string }>(
    `SELECT order_key AS "orderKey" FROM sales_order WHERE entity_id = $1 AND order_key = ANY($2::uuid[]) LIMIT 1`,
    [entityId, [...orderKeys]],
  );
  return rows[0]?.orderKey;
}

/** What people call it: SCAYLE's reference, what the ERP document points at, else its number. */
async function nameOf(entityId: string, orderKey: string): Promise<string> {
  const { rows } = await appPool().query<{ name: string }>(
    `SELECT reference AS name FROM sales_order WHERE order_key = $1 AND entity_id = $2
     UNION ALL (SELECT coalesce(reference, number) FROM document WHERE order_key = $1 AND entity_id = $2
       ORDER BY reference IS NULL, id LIMIT 1)
     UNION ALL (SELECT coalesce(reference, source_id) FROM failed_record
       WHERE order_key = $1 AND entity_id = $2 AND resolved_at IS NULL ORDER BY id LIMIT 1)`,
    [orderKey, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such order in this entity.");
  return row.name;
}
