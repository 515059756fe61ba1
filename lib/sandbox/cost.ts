import { add, type Figures, NOTHING, netOutOf, taxRoundedOnce, taxWithin } from "@/lib/sandbox/arithmetic";
import { chargedFor } from "@/lib/sandbox/basket";
import type { Fee, SandboxOrder, StaleCost, Unit } from "@/lib/sandbox/model";

/** SCAYLE's figures of one unit: rounded by itself. */
export function unitFigures(unit: Unit): Figures {
  return netOutOf(chargedFor(unit), unit.rate);
}

/** SCAYLE's figures of one fee. */
export function feeFigures(fee: Fee): Figures {
  return netOutOf(fee.gross, fee.rate);
}

/** Units that are neither cancelled nor back at the instant: what SCAYLE's cost is about. */
export function liveUnits(order: SandboxOrder, at: number): Unit[] {
  return order.units.filter((unit) => {
    const credit = unit.credit === null ? undefined : order.credits[unit.credit];
    return !(unit.cancelledAt !== null && unit.cancelledAt <= at) && !(credit && credit.at <= at);
  });
}

/** The fees that the order lists at the instant: none once it is cancelled. */
export function listedFees(order: SandboxOrder, at: number): Fee[] {
  return order.cancelledAt !== null && order.cancelledAt <= at ? [] : order.fees;
}

/** v1: tax rounded per product line (same variant, same price), then summed. */
function taxByLine(units: readonly Unit[], fees: readonly Fee[]): bigint {
  const lines = new Map<string, { gross: bigint; rate: bigint }>();
  for (const unit of units) {
    const key = `${unit.variant.id}/${chargedFor(unit)}`;
    lines.set(key, { gross: (lines.get(key)?.gross ?? 0n) + chargedFor(unit), rate: unit.rate });
  }
  return [...lines.values(), ...fees].reduce((sum, line) => sum + taxWithin(line.gross, line.rate), 0n);
}

/** The instant whose units and fees the order's cost is about: `at`, or the last one before a change that it missed. */
export function costMoment({ staleCost }: SandboxOrder, at: number): number {
  return staleCost?.part === "all" && isStale(staleCost, at) ? staleCost.since - 1 : at;
}

const isStale = ({ since, until }: StaleCost, at: number) => since <= at && (until === null || at < until);

/** What SCAYLE's header states at the instant; where nobody sent line values after a change, it or its tax is an old one. */
export function costAt(order: SandboxOrder, at: number): Figures {
  const { staleCost } = order;
  if (!staleCost || !isStale(staleCost, at)) return recalculatedCost(order, at);
  const before = recalculatedCost(order, staleCost.since - 1);
  if (staleCost.part === "all") return before;
  const { gross } = recalculatedCost(order, at);
  return { net: gross - before.tax, tax: before.tax, gross };
}

/**
 * The cost of live units and fees at the instant, with the tax of the order's own price calculator.
 * A marketplace's prices are taken as they come, so the header is the sum of the units.
 */
export function recalculatedCost(order: SandboxOrder, at: number): Figures {
  const units = liveUnits(order, at);
  const fees = listedFees(order, at);
  const summed = add(NOTHING, ...units.map(unitFigures), ...fees.map(feeFigures));
  if (order.calculator === "external") return summed;
  const tax =
    order.calculator === "v1"
      ? taxByLine(units, fees)
      : taxRoundedOnce([...units.map((unit) => ({ gross: chargedFor(unit), rate: unit.rate })), ...fees]);
  return { net: summed.gross - tax, tax, gross: summed.gross };
}

/** What the header states beyond its own units and fees: the cents of the calculator. */
export function headerBeyondLines(order: SandboxOrder, at: number): Figures {
  const cost = costAt(order, at);
  const lines = add(
    NOTHING,
    ...liveUnits(order, at).map(unitFigures),
    ...listedFees(order, at).map(feeFigures),
  );
  return { net: cost.net - lines.net, tax: cost.tax - lines.tax, gross: cost.gross - lines.gross };
}
