import type { OrderFacts, UnitFact } from "./facts";
import type { Wait } from "./judge";

/** What is read of an item once SCAYLE was told of a step; null: the step is none of items. */
export function stateOnceTold({ transition }: Pick<Wait, "transition">): string | null {
  switch (transition) {
    case "tell-shipment":
      return "shipped";
    case "tell-cancellation":
      return "cancelled";
    case "tell-return":
      return "returned";
    default:
      return null;
  }
}

/**
 * The facts of an order as they are expected to be read once SCAYLE was told of a step that waits: items that left, never leave or
 * came back, or the ERP's number. What SCAYLE makes of it itself (its own states, invoice, payment) stays as it is. Pure.
 */
export function factsOnceTold(facts: OrderFacts, wait: Wait, at: Date): OrderFacts {
  if (wait.transition === "reference") return { ...facts, reference: wait.key ?? facts.reference };
  const status = stateOnceTold(wait);
  if (status === null) return facts;
  const named = new Set(wait.items);
  const told = (unit: UnitFact): UnitFact => ({
    ...unit,
    status,
    shippedAt: status === "shipped" ? at : unit.shippedAt,
    cancelledAt: status === "cancelled" ? at : unit.cancelledAt,
    returnedAt: status === "returned" ? (wait.day ?? at) : unit.returnedAt,
  });
  return { ...facts, units: facts.units.map((unit) => (named.has(unit.id) ? told(unit) : unit)) };
}
