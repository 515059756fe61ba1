import type pg from "pg";
import { inTransaction } from "@/lib/db/pool";
import { toJson } from "@/lib/domain/json";
import type { EffectDetail, EffectOne } from "@/lib/matching/preview";
import { OPEN_STATES } from "@/lib/matching/root-causes";
import { fixEffectOf, type OpenException } from "@/lib/root-causes/fix-effect";
import { type BatchBefore, StoredBefore } from "./stored";

/** The exceptions that a batch was begun for, with why nothing is sent for some of them. */
export type BatchOwn = Readonly<{ ids: readonly string[]; left: ReadonlyMap<string, string> }>;

/**
 * Keeps how the orders of a batch stand before anything is sent, in the transaction that begins it, and the newest prediction of
 * its root cause: what it does is held against both.
 */
export async function keepBefore(
  client: pg.ClientBase,
  batch: Readonly<{ id: string; entityId: string; rootCauseId: string | null }>,
  { ids, left }: BatchOwn,
): Promise<void> {
  const { rows } = await client.query<{ key: string }>(
    "SELECT DISTINCT order_key AS key FROM exception WHERE entity_id = $1 AND id = ANY ($2::uuid[])",
    [batch.entityId, ids],
  );
  const standing = await standingOf(
    client,
    batch.entityId,
    rows.map((row) => row.key),
  );
  await client.query(
    `UPDATE resolution_batch SET before = $2::jsonb, prediction_id = (SELECT id FROM root_cause_prediction
        WHERE entity_id = $3 AND root_cause_id = $4 AND state = 'done' ORDER BY finished_at DESC LIMIT 1) WHERE id = $1`,
    [
      batch.id,
      toJson({ own: ids, left: Object.fromEntries(left), ...standing }),
      batch.entityId,
      batch.rootCauseId,
    ],
  );
}

/** Counts what a batch has done so far, and keeps it; a batch that began before this was kept has none. */
export async function keepActual(pool: pg.Pool, batchId: string, at: Date): Promise<void> {
  await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ entityId: string; before: unknown }>(
      `SELECT entity_id AS "entityId", before FROM resolution_batch WHERE id = $1 AND before IS NOT NULL FOR UPDATE`,
      [batchId],
    );
    const [batch] = rows;
    if (!batch) return;
    const before = StoredBefore.parse(batch.before);
    const now = await standingOf(client, batch.entityId, before.keys);
    const { rows: ended } = await client.query<{ id: string; outcome: string | null }>(
      `SELECT exception_id AS id, coalesce(outcome, 'It is not done yet.') AS outcome FROM resolution_attempt
        WHERE batch_id = $1 AND state <> 'proved'`,
      [batchId],
    );
    const left = new Map([
      ...Object.entries(before.left),
      ...ended.map((row) => [row.id, row.outcome ?? ""] as const),
    ]);
    await client.query("UPDATE resolution_batch SET actual = $2::jsonb, actual_at = $3 WHERE id = $1", [
      batchId,
      toJson(differenceOf(before, now, left)),
      at,
    ]);
  });
}

type Standing = Pick<BatchBefore, "keys" | "open" | "settled" | "sums">;

async function standingOf(
  client: pg.ClientBase,
  entityId: string,
  keys: readonly string[],
): Promise<Standing> {
  const values = [entityId, [...keys]];
  const { rows: open } = await client.query<EffectOne>(
    `SELECT order_key AS "orderKey", id, cause, currency, net, tax, gross, document_kind AS "documentKind",
            coalesce(order_reference, document_number) AS reference, explanation, root_cause_id AS "rootCauseId",
            greatest(abs(net), abs(tax), abs(gross)) AS extent
       FROM exception WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND state IN ${OPEN_STATES} ORDER BY id`,
    values,
  );
  const { rows: settled } = await client.query<{ key: string; agrees: boolean }>(
    `SELECT concat_ws(' ', order_key, id, period) AS key, bucket = 'matched' AS agrees FROM pair
      WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) AND bucket IN ('matched', 'explained') ORDER BY 1`,
    values,
  );
  const { rows: sums } = await client.query<Standing["sums"][number]>(
    `SELECT currency, sum(scayle_net - erp_net)::bigint AS net, sum(scayle_tax - erp_tax)::bigint AS tax,
            sum(scayle_gross - erp_gross)::bigint AS gross FROM pair
      WHERE entity_id = $1 AND order_key = ANY ($2::uuid[]) GROUP BY 1 ORDER BY 1`,
    values,
  );
  return { keys, open, settled, sums };
}

function differenceOf(before: BatchBefore, now: Standing, left: ReadonlyMap<string, string>) {
  const [was, is] = [new Set(before.open.map((one) => one.id)), new Set(now.open.map((one) => one.id))];
  const own = new Set(before.own);
  const sums = new Map(before.sums.map((one) => [one.currency, one]));
  const currencies = [...new Set([...before.sums, ...now.sums].map((one) => one.currency))];
  const detail: EffectDetail = {
    cleared: before.open.filter((one) => !is.has(one.id)),
    made: now.open.filter((one) => !was.has(one.id)),
    moved: currencies.map((currency) => {
      const [old, fresh] = [sums.get(currency), now.sums.find((one) => one.currency === currency)];
      const by = (field: "net" | "tax" | "gross") => (fresh?.[field] ?? 0n) - (old?.[field] ?? 0n);
      return { currency, net: by("net"), tax: by("tax"), gross: by("gross") };
    }),
  };
  const settled = new Map(now.settled.map((one) => [one.key, one.agrees]));
  const agreed = before.settled.filter((one) => one.agrees);
  const open: readonly OpenException[] = before.open.filter((one) => own.has(one.id));
  return {
    ...fixEffectOf(open, left, [detail]),
    matchesLost: agreed.filter((one) => !settled.has(one.key)).length,
    explained: agreed.filter((one) => settled.get(one.key) === false).length,
  };
}
