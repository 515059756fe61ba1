import { Decimal } from "decimal.js";

/**
 * What is known of one item on both sides, each as of its own moment. Quantities are decimal texts; the counts are pieces of
 * orders. "Taken" is a piece from the event on at which stock moves (order-confirmed, a setting).
 */
export type ItemFigures = Readonly<{
  /** the ERP's snapshot; null: it says nothing of the item */
  onHand: string | null;
  /** what of it is promised, where the ERP states that itself; null: it is counted from SCAYLE's orders */
  reserved: string | null;
  /** SCAYLE's, over the company's warehouses */
  sellable: string;
  /** how many more the ERP has than when SCAYLE had been told for certain (less: below zero) */
  erpMoved: string;
  /** how many more SCAYLE sells than at the ERP's snapshot */
  scayleMoved: string;
  /** taken, not cancelled, not left at the ERP's snapshot */
  promised: number;
  /** of these, posted in the ERP already: SCAYLE does not know yet that they have left */
  posted: number;
  /** left shortly before the ERP's snapshot, which may still have them */
  leaving: number;
  /** taken shortly before the snapshot: an ERP that states what is reserved may not know them yet */
  fresh: number;
  /** taken between the ERP's snapshot and the reading of SCAYLE's stock */
  takenAfter: number;
  /** taken between the reading of SCAYLE's stock and the ERP's snapshot */
  takenBefore: number;
  /** cancelled between the ERP's snapshot and the reading of SCAYLE's stock */
  cancelledAfter: number;
  /** cancelled between the reading of SCAYLE's stock and the ERP's snapshot */
  cancelledBefore: number;
  /** cancelled since SCAYLE's last update: its quantity blocker may still hold them */
  blocked: number;
  /** whether SCAYLE's orders are known up to both moments */
  ordersKnown: boolean;
  /** SCAYLE sells it also where there is none */
  withoutStock: boolean;
}>;

/** A part of what is in flight: SCAYLE may be so many above (`up`) or below (`down`) by it. */
export type InFlight = Readonly<{ why: string; up: string; down: string }>;

export type Judged = Readonly<{
  state: "agrees" | "in-flight" | "drifting" | "waiting" | "unknown";
  /** what is taken off the ERP's figure */
  promised: string;
  /** what SCAYLE may sell by the ERP, from and to: they differ by what is in flight; null: unknown */
  low: string | null;
  high: string | null;
  inFlight: readonly InFlight[];
  /** how far SCAYLE is beyond that; above zero it sells too many */
  drift: string;
  /** pieces that are sold, or may be, and are not there */
  atRisk: string;
}>;

/**
 * Whether SCAYLE sells what the ERP has. What is promised is taken off the ERP's figure; what one side can't know yet of the
 * other is counted, piece by piece, and nothing beside it: a drift is what no such piece explains. Pure.
 */
export function judge(item: ItemFigures): Judged {
  const promised = new Decimal(item.reserved ?? item.promised);
  const inFlight = inFlightOf(item);
  const nothing = { promised: promised.toString(), inFlight, drift: "0", atRisk: "0" };
  if (item.onHand === null) return { ...nothing, state: "unknown", low: null, high: null };
  const free = new Decimal(item.onHand).minus(promised);
  const sum = (side: "up" | "down") => inFlight.reduce((all, one) => all.plus(one[side]), new Decimal(0));
  const lowest = free.minus(sum("down"));
  const highest = free.plus(sum("up"));
  const [low, high] = [Decimal.max(0, lowest), Decimal.max(0, highest)];
  const known = { ...nothing, low: low.toString(), high: high.toString() };
  if (!item.ordersKnown) return { ...known, state: "waiting" };
  const sellable = new Decimal(item.sellable);
  const drift = sellable.gt(high)
    ? sellable.minus(high)
    : sellable.lt(low)
      ? sellable.minus(low)
      : new Decimal(0);
  const isMoving = drift.isZero() && !sellable.eq(Decimal.max(0, free));
  // What may still be sold and is not there, and what is sold already and is not there.
  const atRisk = item.withoutStock
    ? new Decimal(0)
    : Decimal.max(0, drift).plus(Decimal.max(0, highest.negated()));
  return {
    ...known,
    state: drift.isZero() ? (isMoving ? "in-flight" : "agrees") : "drifting",
    drift: drift.toString(),
    atRisk: atRisk.toString(),
  };
}

function inFlightOf(item: ItemFigures): readonly InFlight[] {
  const erp = new Decimal(item.erpMoved);
  const scayle = new Decimal(item.scayleMoved);
  const isStated = item.reserved !== null;
  const part = (why: string, up: Decimal.Value, down: Decimal.Value): readonly InFlight[] => {
    const [above, below] = [new Decimal(up), new Decimal(down)];
    return above.isZero() && below.isZero() ? [] : [{ why, up: above.toString(), down: below.toString() }];
  };
  return [
    ...part(
      "the ERP moved, and SCAYLE need not have been told yet",
      Decimal.max(0, erp.negated()),
      Decimal.max(0, erp),
    ),
    ...part(
      "SCAYLE’s level moved since the ERP’s snapshot",
      Decimal.max(0, scayle),
      Decimal.max(0, scayle.negated()),
    ),
    ...part("ordered since the ERP’s snapshot, which doesn’t know them", 0, item.takenAfter),
    ...part("ordered since SCAYLE’s stock was read", item.takenBefore, 0),
    ...part("cancelled since the ERP’s snapshot", item.cancelledAfter, 0),
    ...part("cancelled since SCAYLE’s stock was read", 0, item.cancelledBefore),
    ...part("cancelled, and SCAYLE’s quantity blocker may still hold them", 0, item.blocked),
    ...(isStated
      ? part("ordered so recently that the ERP may not have reserved them", 0, item.fresh)
      : [
          ...part("left so recently that the ERP may still have them", 0, item.leaving),
          ...part("posted in the ERP, and SCAYLE doesn’t know yet that they have left", item.posted, 0),
        ]),
  ];
}
