import type pg from "pg";
import { idOf } from "@/lib/domain/identity";
import type { OrderItem, SalesOrder } from "@/lib/domain/order";
import type { StoreContext } from "./context";
import { insertRows } from "./rows";

/** What left or was cancelled longer ago than this is in every snapshot that the ERP still gives. */
export const SETTLED_MILLISECONDS = 3 * 24 * 3_600_000;

const COLUMNS = `order_key uuid, id uuid, entity_id text, connection_id uuid, item_key text, reference text, quantity int,
  placed_at timestamptz, confirmed_at timestamptz, left_at timestamptz, cancelled_at timestamptz`;

/** Keeps what orders take from stock, in the place of what was kept of them before; what is long settled is not kept. */
export async function keepClaims(
  client: pg.ClientBase,
  context: Pick<StoreContext, "entityId" | "connectionId" | "at">,
  orders: readonly Readonly<{ order: SalesOrder; orderKey: string }>[],
): Promise<void> {
  if (orders.length === 0) return;
  await client.query("DELETE FROM stock_claim WHERE order_key = ANY ($1::uuid[])", [
    orders.map((one) => one.orderKey),
  ]);
  const settled = new Date(context.at.getTime() - SETTLED_MILLISECONDS);
  await insertRows(
    client,
    "stock_claim",
    COLUMNS,
    orders.flatMap(({ order, orderKey }) =>
      claimsOf(order)
        .filter(({ leftAt, cancelledAt }) => (leftAt ?? cancelledAt ?? context.at) >= settled)
        .map(({ itemKey, quantity, leftAt, cancelledAt }) => ({
          order_key: orderKey,
          id: idOf("claim", orderKey, itemKey, String(leftAt?.getTime()), String(cancelledAt?.getTime())),
          entity_id: context.entityId,
          connection_id: context.connectionId,
          item_key: itemKey,
          reference: order.reference,
          quantity,
          placed_at: order.createdAt,
          confirmed_at: order.confirmedAt,
          left_at: leftAt,
          cancelled_at: cancelledAt,
        })),
    ),
  );
}

/** How many pieces of an item an order takes, and since when they are not there or not taken any more. */
export type Claim = Readonly<{
  itemKey: string;
  quantity: number;
  leftAt: Date | null;
  cancelledAt: Date | null;
}>;

/** What an order takes from stock: its units by item and by what became of them. Some orders state their shipping on the parcel or the order alone. */
export function claimsOf({ items, packages, invoicedAt }: SalesOrder): readonly Claim[] {
  const parcels = new Map(packages.map((one) => [one.id, one.shippedAt]));
  const parcelOf = ({ packageId }: Pick<OrderItem, "packageId">): Date | null =>
    packageId === null ? null : (parcels.get(packageId) ?? null);
  const isDated = items.some((item) => item.shippedAt !== null || parcelOf(item) !== null);
  const claims = new Map<string, Claim>();
  for (const item of items) {
    const { sku, shippedAt, cancelledAt } = item;
    if (sku === "") continue;
    const leftAt = shippedAt ?? parcelOf(item) ?? (isDated || cancelledAt !== null ? null : invoicedAt);
    const key = [sku, leftAt?.getTime(), cancelledAt?.getTime()].join("\u001f");
    const before = claims.get(key);
    claims.set(key, { itemKey: sku, leftAt, cancelledAt, quantity: (before?.quantity ?? 0) + 1 });
  }
  return [...claims.values()];
}
