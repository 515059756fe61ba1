import { DAY, scayleTime } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import type { World } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";
import type { EntityCode } from "@/lib/sandbox/retailer";
import type { Json } from "@/lib/sandbox/scayle-item";

/**
 * Where goods lie, and whose: orders of the shops and the marketplace leave from the company's own warehouse, the till sells
 * from the store.
 */
export const WAREHOUSES = [
  { id: 1, referenceKey: "central", entity: "MODA-EU" },
  { id: 2, referenceKey: "store-berlin", entity: "MODA-EU" },
  { id: 3, referenceKey: "uk-hub", entity: "MODA-UK" },
] as const;
export type Warehouse = (typeof WAREHOUSES)[number];

/**
 * Something that set a level. Without a side the goods moved and SCAYLE was told of it at once; `erp`: the goods moved and the
 * update never reached SCAYLE; `scayle`: SCAYLE alone was told, with a stamp (`changedAt`) that need not be the time.
 */
export type StockSet = {
  at: number;
  sku: string;
  warehouse: string;
  quantity: number;
  side?: "erp" | "scayle" | undefined;
  stamp?: number | undefined;
};

/**
 * What SCAYLE sells in a warehouse and the stamp of the update that it goes by, what lies there, and how much of it is promised
 * to orders that have not left.
 */
export type StockLevel = {
  warehouse: Warehouse;
  quantity: number;
  reserved: number;
  onHand: number;
  changedAt: number;
};

/** Every variant of every warehouse is filled up to its level at the beginning of a week (Monday, UTC). */
function startOfWeek(at: number): number {
  const day = Math.floor(at / DAY);
  // 1970 began on a Thursday.
  return (day - ((day + 3) % 7)) * DAY;
}

/** The end of the week that a time is in, and so of what is planted for it. */
const WEEK = 7 * DAY;

type Taken = { at: number; back: number | null; left: number | null };

/** What is wrong with the update that SCAYLE got at the beginning of a week. */
export type StockFault = Readonly<{
  kind: "drift" | "stamped-ahead" | "trap";
  sku: string;
  warehouse: Warehouse["referenceKey"];
  /** how much more SCAYLE was told than there is */
  surplus: number;
}>;

/**
 * What of a week's updates is wrong, drawn from a stream of its own: three never reached SCAYLE, which goes by another figure;
 * one was stamped ahead of its time, so that all others of the week are older than it; and one pusher reckons from a snapshot
 * and stamps later (the oversell trap).
 */
export function stockFaults({ seed, faults, catalogue }: World, at: number): readonly StockFault[] {
  if (faults !== "planted") return [];
  const random = makeRandom(seed, "stock-faults", startOfWeek(at));
  const left = [...catalogue];
  const draw = (): string => left.splice(random.integer(0, left.length - 1), 1)[0]?.sku ?? "";
  const central = WAREHOUSES[0].referenceKey;
  const fault = (kind: StockFault["kind"], surplus: number): StockFault => ({
    kind,
    sku: draw(),
    warehouse: central,
    surplus,
  });
  return [
    fault("drift", random.integer(3, 9)),
    fault("drift", random.integer(3, 9)),
    fault("drift", -random.integer(2, 6)),
    fault("stamped-ahead", random.integer(2, 5)),
    fault("trap", 0),
  ];
}

/** How long after an order's confirmation the careless pusher of the trap stamps what it reckoned before it. */
const TRAP_DELAY = 60_000;

/**
 * The stock of a world at any instant, on both sides. What lies there is what the week began with, less one for each piece that
 * left since. What SCAYLE sells is the quantity of the update with the newest stamp, less one for each piece that was confirmed
 * after that stamp (its quantity blockers) and not cancelled. An update that is older than the one held is ignored. `levels` is
 * what was set or pushed, oldest first.
 */
export function makeStock(
  world: World,
  levels: readonly StockSet[],
): (variant: Variant, at: number) => StockLevel[] {
  let taken: Map<string, Taken[]> | null = null;
  const faultsOf = new Map<number, readonly StockFault[]>();
  const full = (variant: Variant, warehouse: Warehouse): number =>
    makeRandom(world.seed, "stock", variant.id, warehouse.id).integer(20, 60) + Math.floor(world.size / 100);
  return (variant, at) => {
    // A large world is gone through when somebody asks, and not before.
    taken ??= takenOf(world);
    const all = taken;
    const week = startOfWeek(at);
    const planted = faultsOf.get(week) ?? stockFaults(world, at);
    faultsOf.set(week, planted);
    return WAREHOUSES.map((warehouse): StockLevel => {
      const pieces = all.get(`${variant.id}/${warehouse.id}`) ?? [];
      const own = levels.filter(
        (one) =>
          one.sku === variant.sku &&
          one.warehouse === warehouse.referenceKey &&
          one.at <= at &&
          one.at >= week,
      );
      const fault = planted.find(
        (one) => one.sku === variant.sku && one.warehouse === warehouse.referenceKey,
      );
      const moved = own.findLast((one) => one.side !== "scayle");
      const begin = full(variant, warehouse);
      const free = (base: number, since: number): number =>
        Math.max(0, base - pieces.reduce((sum, one) => sum + heldOf(one, since, at), 0));
      const reserved = pieces.filter(
        (one) => one.at <= at && (one.left === null || one.left > at) && (one.back === null || one.back > at),
      ).length;
      const told = updatesOf({ week, begin, fault, pieces, own, at });
      return {
        warehouse,
        quantity: free(told.quantity, told.stamp),
        reserved,
        onHand: free(moved?.quantity ?? begin, moved?.at ?? week) + reserved,
        changedAt: told.stamp,
      };
    });
  };
}

/** How much of what was there at a moment a piece holds now: one that was cancelled since is there again. */
function heldOf(one: Taken, since: number, at: number): number {
  const isTaken = one.at > since && one.at <= at;
  const isBack = one.back !== null && one.back > since && one.back <= at;
  return (isTaken ? 1 : 0) - (isBack ? 1 : 0);
}

/** The update that SCAYLE goes by. */
function updatesOf({
  week,
  begin,
  fault,
  pieces,
  own,
  at,
}: Readonly<{
  week: number;
  begin: number;
  fault: StockFault | undefined;
  pieces: readonly Taken[];
  own: readonly StockSet[];
  at: number;
}>): { quantity: number; stamp: number } {
  const trapped =
    fault?.kind === "trap" ? pieces.find((one) => one.at > week && one.at + TRAP_DELAY <= at) : undefined;
  const updates = [
    ...(trapped ? [{ at: trapped.at + TRAP_DELAY, quantity: begin, stamp: trapped.at + TRAP_DELAY }] : []),
    ...own
      .filter((one) => one.side !== "erp")
      .map((one) => ({ at: one.at, quantity: one.quantity, stamp: one.stamp ?? one.at })),
  ].sort((one, other) => one.at - other.at);
  let held = {
    quantity: begin + (fault?.surplus ?? 0),
    stamp: fault?.kind === "stamped-ahead" ? week + WEEK - 1000 : week,
  };
  for (const { quantity, stamp } of updates) if (stamp >= held.stamp) held = { quantity, stamp };
  return held;
}

/** The pieces of each variant and warehouse that were confirmed, ever. */
function takenOf(world: World): Map<string, Taken[]> {
  const taken = new Map<string, Taken[]>();
  for (const { order } of world.affairs) {
    const { confirmedAt } = order;
    if (confirmedAt === null) continue;
    const warehouse = order.entity === "MODA-UK" ? 3 : order.outlet.channel?.type === "in_store" ? 2 : 1;
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

/** What a company's ERP has on hand over all its warehouses. */
export const onHand = (levels: readonly StockLevel[], entity: EntityCode): number =>
  levels.reduce((sum, level) => sum + (level.warehouse.entity === entity ? level.onHand : 0), 0);

/** A stock level as SCAYLE's `GET /variants/{id}/stocks` lists it. */
export const stockJson = ({ warehouse, quantity, changedAt }: StockLevel): Json => ({
  quantity,
  warehouseReferenceKey: warehouse.referenceKey,
  changedAt: scayleTime(changedAt),
  sellableWithoutStock: false,
  merchantReferenceKey: "moda",
});
