import "server-only";
import { audited, personOf } from "@/lib/audit/record";
import { type Actor, assertMay } from "@/lib/auth/actor";
import { causeOf } from "@/lib/causes/registry";
import { appPool, claimPool, whileHolding, whileLocked } from "@/lib/db/pool";
import { Refusal } from "@/lib/domain/faults";
import { formatAmount } from "@/lib/domain/money";
import { isOpen } from "@/lib/exceptions/machine";
import { runReconciliation } from "@/lib/matching/reconcile";
import { runSync } from "@/lib/sync/run";
import { changesBetween, type Snapshot } from "./changes";
import type { Resync } from "./schema";

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
 * Throws Refusal: "not-allowed"; "not-found"; "invalid" where there is no reference to ask the systems for;
 * "unavailable" when no system could be read; "conflict" while a reconciliation of the entity goes on and on.
 */
export async function resyncOrder(actor: Actor, input: Resync, now: () => Date): Promise<Resynced> {
  const { entityId, orderKey } = input;
  assertMay(actor, "record.resync", entityId);
  const reference = await referenceOf(entityId, orderKey);
  const claim = `resync:${entityId}:${orderKey}`;
  const claimed = await whileLocked(claimPool(), claim, () => resyncNow(actor, input, reference, now));
  if (claimed.locked) return claimed.result;
  await whileHolding(claimPool(), claim, async () => undefined);
  return { orderKey, changes: [], problems: [], joined: true };
}

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
  const report = await patiently(
    () => runSync({ entityId, orderReference: reference }, context),
    ({ feeds }) => feeds.some((feed) => feed.state === "refused"),
  );
  const problems = report.feeds.flatMap((feed) =>
    feed.error === null ? [] : [`${feed.feed}: ${feed.error}`],
  );
  if (report.feeds.length > 0 && problems.length === report.feeds.length) {
    throw new Refusal("unavailable", `No system could be read. ${problems.join(" ")}`);
  }
  const orderKeys = [...new Set([orderKey, ...report.orderKeys])];
  await patiently(() => runReconciliation({ entityId, orderKeys }, context));
  const after = await snapshotOf(entityId, orderKey);
  const isHere = after.status !== null || after.documents.length > 0;
  const elsewhere = isHere ? undefined : await moved(entityId, report.orderKeys);
  return {
    orderKey: elsewhere ?? orderKey,
    changes: changesBetween(before, after),
    problems,
    joined: false,
  };
}

const PATIENCE_MILLISECONDS = 15_000;
const LOOK_AGAIN_MILLISECONDS = 200;

/** Does something again while others are at work on the same: the intervals read and reconcile by themselves. */
async function patiently<Result>(
  work: () => Promise<Result>,
  isBusy: (result: Result) => boolean = () => false,
): Promise<Result> {
  const deadline = Date.now() + PATIENCE_MILLISECONDS;
  for (;;) {
    const isLast = Date.now() > deadline;
    try {
      const result = await work();
      if (isLast || !isBusy(result)) return result;
    } catch (error) {
      if (isLast || !(error instanceof Refusal) || error.code !== "conflict") throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MILLISECONDS));
  }
}

/** The order under which its documents stand now, if one of the keys that were read is an order. */
async function moved(entityId: string, orderKeys: readonly string[]): Promise<string | undefined> {
  const { rows } = await appPool().query<{ orderKey: string }>(
    `SELECT order_key AS "orderKey" FROM sales_order WHERE entity_id = $1 AND order_key = ANY($2::uuid[]) LIMIT 1`,
    [entityId, [...orderKeys]],
  );
  return rows[0]?.orderKey;
}

/** The name under which the systems know it: SCAYLE's reference, or what the ERP document points at. */
async function referenceOf(entityId: string, orderKey: string): Promise<string> {
  const { rows } = await appPool().query<{ found: boolean; reference: string | null }>(
    `SELECT true AS found, reference FROM sales_order WHERE order_key = $1 AND entity_id = $2
     UNION ALL (SELECT true, reference FROM document WHERE order_key = $1 AND entity_id = $2
       ORDER BY reference IS NULL, id LIMIT 1)
     UNION ALL (SELECT true, coalesce(reference, nullif(source_id, '')) FROM failed_record
       WHERE order_key = $1 AND entity_id = $2 AND resolved_at IS NULL ORDER BY id LIMIT 1)`,
    [orderKey, entityId],
  );
  const [row] = rows;
  if (!row) throw new Refusal("not-found", "There is no such order in this entity.");
  if (!row.reference) {
    throw new Refusal("invalid", "This ERP document names no order, so there is nothing to ask SCAYLE for.");
  }
  return row.reference;
}

/** An order as it stands now, as far as people care what changes of it. */
export async function snapshotOf(entityId: string, orderKey: string): Promise<Snapshot> {
  const { rows: documents } = await appPool().query<Snapshot["documents"][number]>(
    `SELECT id, side, kind, number, version FROM document WHERE order_key = $1 AND entity_id = $2 ORDER BY id`,
    [orderKey, entityId],
  );
  const { rows: exceptions } = await appPool().query<{
    id: string;
    cause: string;
    state: string;
    gross: bigint;
    currency: string;
  }>(
    `SELECT id, cause, state, gross, currency FROM exception WHERE order_key = $1 AND entity_id = $2 ORDER BY id`,
    [orderKey, entityId],
  );
  const { rows: orders } = await appPool().query<{ status: string | null }>(
    `SELECT concat_ws(', ', order_status, shipping_status, billing_status) AS status FROM sales_order
     WHERE order_key = $1 AND entity_id = $2`,
    [orderKey, entityId],
  );
  return {
    status: orders[0]?.status ?? null,
    documents,
    exceptions: exceptions.map((one) => ({
      id: one.id,
      title: causeOf(one.cause)?.title ?? one.cause,
      open: isOpen(one.state),
      amount: `${formatAmount(one.gross, one.currency)} ${one.currency}`,
    })),
  };
}
