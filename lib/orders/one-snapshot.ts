import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { formatAmount } from "@/lib/domain/money";
import { isOpen } from "@/lib/exceptions/machine";
import type { Snapshot } from "./changes";

/** An order of which nothing is held. */
export const NOTHING: Snapshot = { status: null, documents: [], exceptions: [], unread: [] };

/** An order as it stands now, as far as people care what changes of it. */
export async function snapshotOf(entityId: string, orderKey: string): Promise<Snapshot> {
  return (await snapshotsOf(entityId, [orderKey])).get(orderKey) ?? NOTHING;
}

/** Orders as they stand now, by key; one of which nothing is held is not among them. */
export async function snapshotsOf(
  entityId: string,
  orderKeys: readonly string[],
): Promise<ReadonlyMap<string, Snapshot>> {
  const values = [[...orderKeys], entityId];
  const [documents, exceptions, orders, unread] = await Promise.all([
    appPool().query<Snapshot["documents"][number] & { key: string }>(
      `SELECT order_key AS key, id, side, kind, number, version FROM document
        WHERE order_key = ANY($1) AND entity_id = $2 ORDER BY id`,
      values,
    ),
    appPool().query<{
      key: string;
      id: string;
      cause: string;
      state: string;
      gross: bigint;
      currency: string;
    }>(
      `SELECT order_key AS key, id, cause, state, gross, currency FROM exception
        WHERE order_key = ANY($1) AND entity_id = $2 ORDER BY id`,
      values,
    ),
    appPool().query<{ key: string; status: string | null }>(
      `SELECT order_key AS key, concat_ws(', ', order_status, shipping_status, billing_status) AS status FROM sales_order
        WHERE order_key = ANY($1) AND entity_id = $2`,
      values,
    ),
    appPool().query<{ key: string; reason: string }>(
      `SELECT order_key AS key, reason FROM failed_record
        WHERE order_key = ANY($1) AND entity_id = $2 AND resolved_at IS NULL ORDER BY id`,
      values,
    ),
  ]);
  const of = <Row extends { key: string }>(rows: readonly Row[], key: string) =>
    rows.filter((row) => row.key === key);
  const held = new Set(
    [documents, exceptions, orders, unread].flatMap(({ rows }) => rows.map((row) => row.key)),
  );
  return new Map(
    [...held].map((key) => [
      key,
      {
        status: of(orders.rows, key)[0]?.status ?? null,
        documents: of(documents.rows, key).map(({ key: _, ...document }) => document),
        exceptions: of(exceptions.rows, key).map((one) => ({
          id: one.id,
          title: causeOf(one.cause)?.title ?? one.cause,
          open: isOpen(one.state),
          amount: `${formatAmount(one.gross, one.currency)} ${one.currency}`,
        })),
        unread: of(unread.rows, key).map(({ reason }) => reason),
      },
    ]),
  );
}
