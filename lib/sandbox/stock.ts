import { DAY, scayleTime } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import type { World } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";
import type { Json } from "@/lib/sandbox/scayle-item";

/** Where goods lie: orders of the shops and the marketplace leave from one, the till sells from the other. */
export const WAREHOUSES = [
  { id: 1, referenceKey: "central" },
  { id: 2, referenceKey: "store-berlin" },
] as const;
export type Warehouse = (typeof WAREHOUSES)[number];

/** A stock level that somebody set. */
export type StockSet = { at: number; sku: string; warehouse: string; quantity: number };

/** What may be sold in a warehouse, what of the goods there is promised to orders that have not left, and since when. */
export type StockLevel = { warehouse: Warehouse; quantity: number; reserved: number; changedAt: number };

/** Every variant of every warehouse is filled up to its level at the beginning of a week (Monday, UTC). */
function startOfWeek(at: number): number {
  const day = Math.floor(at / DAY);
  // 1970 began on a Thursday.
  return (day - ((day + 3) % 7)) * DAY;
}

type Taken = { at: number; back: number | null; left: number | null };

/**
 * The sellable stock of a world at any instant: what the week began with, less one for each piece that was confirmed
 * since, and back again when it was cancelled. `levels` is what was set on request, oldest first.
 */
export function makeStock(
  world: World,
  levels: readonly StockSet[],
): (variant: Variant, at: number) => StockLevel[] {
  let taken: Map<string, Taken[]> | null = null;
  const full = (variant: Variant, warehouse: Warehouse): number =>
    makeRandom(world.seed, "stock", variant.id, warehouse.id).integer(20, 60) + Math.floor(world.size / 100);
  return (variant, at) => {
    // A large world is gone through when somebody asks, and not before.
    taken ??= takenOf(world);
    const all = taken;
    return WAREHOUSES.map((warehouse) => {
      const week = startOfWeek(at);
      const set = levels.findLast(
        (one) =>
          one.sku === variant.sku &&
          one.warehouse === warehouse.referenceKey &&
          one.at <= at &&
          one.at >= week,
      );
      let [quantity, changedAt] = set ? [set.quantity, set.at] : [full(variant, warehouse), week];
      const since = changedAt;
      let reserved = 0;
      for (const one of all.get(`${variant.id}/${warehouse.id}`) ?? []) {
        if (one.at > since && one.at <= at) {
          quantity -= 1;
          changedAt = Math.max(changedAt, one.at);
        }
        const isThere = one.at <= at && (one.left === null || one.left > at);
        if (isThere && (one.back === null || one.back > at)) reserved += 1;
        if (one.back !== null && one.back > since && one.back <= at) {
          quantity += 1;
          changedAt = Math.max(changedAt, one.back);
        }
      }
      return { warehouse, quantity: Math.max(0, quantity), reserved, changedAt };
    });
  };
}

/** The pieces of each variant and warehouse that were confirmed, ever. */
function takenOf(world: World): Map<string, Taken[]> {
  const taken = new Map<string, Taken[]>();
  for (const { order } of world.affairs) {
    const { confirmedAt } = order;
    if (confirmedAt === null) continue;
    const warehouse = order.outlet.channel?.type === "in_store" ? 2 : 1;
    for (const unit of order.units) {
      const key = `${unit.variant.id}/${warehouse}`;
      const list = taken.get(key) ?? [];
      if (list.length === 0) taken.set(key, list);
      const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
      list.push({ at: confirmedAt, back: unit.cancelledAt, left: shipment?.at ?? null });
    }
  }
  return taken;
}

/** What the ERP has on hand over all warehouses: what may be sold, and what is promised and has not left. */
export const onHand = (levels: readonly StockLevel[]): number =>
  levels.reduce((sum, level) => sum + level.quantity + level.reserved, 0);

/** A stock level as SCAYLE's `GET /variants/{id}/stocks` lists it. */
export const stockJson = ({ warehouse, quantity, changedAt }: StockLevel): Json => ({
  quantity,
  warehouseReferenceKey: warehouse.referenceKey,
  changedAt: scayleTime(changedAt),
  sellableWithoutStock: false,
  merchantReferenceKey: "moda",
});
