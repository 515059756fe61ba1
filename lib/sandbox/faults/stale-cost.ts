import { DAY } from "@/lib/sandbox/calendar";
import { costAt, recalculatedCost } from "@/lib/sandbox/cost";
import {
  dateOf,
  type FaultPlan,
  type FaultTools,
  faultRow,
  hasNoAbsoluteVoucher,
  isMarketplace,
  isPartlyCancelled,
  isPlainReturn,
  shippingDate,
} from "@/lib/sandbox/faults/plan";
import { END_OF_TIME, periodOf } from "@/lib/sandbox/figures";
import type { Affair, PlantedFault, SandboxOrder, StaleCost } from "@/lib/sandbox/model";

/** Other than by a few cents of rounding: then the old tax can't be taken for the new one by another calculator. */
const CLEARLY = 5n;

/**
 * Where SCAYLE's order would miss a recalculation: before pieces were cancelled the whole cost or its tax, before pieces
 * came back the tax alone, since a gross that still has them is how some tenants state it anyway.
 */
function staleCostOf(affair: Affair, tools: FaultTools): StaleCost | null {
  const { order } = affair;
  if (isMarketplace(affair) || !hasNoAbsoluteVoucher(affair)) return null;
  const cancelled = isPartlyCancelled(affair) ? cancellation(order) : null;
  if (cancelled !== null) {
    return { since: cancelled, part: tools.random().chance(0.5) ? "all" : "tax", until: null };
  }
  const [credit] = order.credits;
  const isPart = isPlainReturn(affair) && order.units.some((unit) => unit.credit === null);
  return credit && isPart ? { since: credit.at, part: "tax", until: null } : null;
}

/** When the order's pieces were cancelled, if that was at once. */
function cancellation(order: SandboxOrder): number | null {
  const instants = [...new Set(order.units.flatMap((unit) => unit.cancelledAt ?? []))];
  return instants.length === 1 ? (instants[0] ?? null) : null;
}

/** Whether the old cost says which calculator made it, or both agree on what it should be. */
function isCertain(order: SandboxOrder, { since }: StaleCost): boolean {
  const taxes = (["v1", "legacy"] as const).map((calculator) => ({
    before: recalculatedCost({ ...order, calculator }, since - 1).tax,
    now: recalculatedCost({ ...order, calculator }, END_OF_TIME).tax,
  }));
  const [one, other] = taxes;
  return one?.before !== other?.before || one?.now === other?.now;
}

function staleOrder(affair: Affair, tools: FaultTools): SandboxOrder | null {
  const staleCost = staleCostOf(affair, tools);
  return staleCost && isCertain(affair.order, staleCost) ? { ...affair.order, staleCost } : null;
}

/** What the stale cost states beyond the right one. */
function excessOf(order: SandboxOrder) {
  const [stated, right] = [costAt(order, END_OF_TIME), recalculatedCost(order, END_OF_TIME)];
  return { net: stated.net - right.net, tax: stated.tax - right.tax, gross: stated.gross - right.gross };
}

/** The order with a cost that nobody recalculated, and the row of the truth about it; null where it can't be. */
export function notRecalculated(
  affair: Affair,
  tools: FaultTools,
): { order: SandboxOrder; row: PlantedFault; date: string } | null {
  const order = staleOrder(affair, tools);
  const [first] = affair.order.shipments;
  if (!order || !first) return null;
  const excess = excessOf(order);
  if (excess.tax <= CLEARLY) return null;
  const amount = { period: periodOf(order, first.at), ...excess };
  const row = faultRow("tax-not-recalculated", order, "sale", amount);
  const [sold, since] = [shippingDate(affair) ?? "", dateOf(order, order.staleCost?.since ?? 0)];
  const date = [sold, since].sort()[1] ?? sold;
  // Sold and come back in one month, so that it can be seen in the month that it belongs to.
  if (date.slice(0, 7) !== sold.slice(0, 7)) return null;
  return { order, row: { ...row, since: order.staleCost?.since ?? 0 }, date };
}

/** Pieces were cancelled or came back, and nobody sent SCAYLE the new values: its cost has the old total, or the old tax. */
export const taxNotRecalculated: FaultPlan = {
  name: "tax-not-recalculated",
  season: "within",
  fits: (affair, tools) => notRecalculated(affair, tools)?.date ?? null,
  plant: (affair, tools) => {
    const planted = notRecalculated(affair, tools);
    return { ...affair, order: planted?.order ?? affair.order, truth: planted ? [planted.row] : [] };
  },
  // Line values are sent three days later.
  resolve: (affair, tools) => ({
    ...affair,
    order: corrected(notRecalculated(affair, tools)?.order ?? affair.order),
    truth: [],
  }),
};

function corrected(order: SandboxOrder): SandboxOrder {
  const { staleCost } = order;
  if (!staleCost) return order;
  const from = Math.max(staleCost.since, order.shipments[0]?.at ?? 0);
  return { ...order, staleCost: { ...staleCost, until: from + 3 * DAY } };
}
