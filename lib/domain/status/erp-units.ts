import { erpStateOf } from "./erp-states";
import type { ErpFact, UnitFact } from "./facts";

/** Units by item key. */
export function unitsOf(units: readonly Pick<UnitFact, "sku">[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { sku } of units) counts[sku] = (counts[sku] ?? 0) + 1;
  return counts;
}

const isCanceled = ({ status }: ErpFact): boolean => erpStateOf(status) === "cancelled";
const isCorrective = ({ status }: ErpFact): boolean => erpStateOf(status) === "corrective";

const areEqual = (one: ErpFact, other: ErpFact): boolean => {
  const keys = new Set([...Object.keys(one.units), ...Object.keys(other.units)]);
  return keys.size > 0 && [...keys].every((key) => one.units[key] === other.units[key]);
};

/**
 * The ERP's documents that it took back itself, and what took them back: neither says that goods left or came back. An invoice is
 * taken back where the ERP calls it cancelled, or by a memo of the very same units that names it: one that the ERP calls corrective, or one
 * over units of which SCAYLE never shipped any, since what never left can't come back.
 */
export function takenBack(
  documents: readonly ErpFact[],
  shipped: Readonly<Record<string, number>>,
): ReadonlySet<ErpFact> {
  const gone = new Set<ErpFact>();
  const credits = documents.filter((one) => one.kind === "credit");
  for (const invoice of documents.filter((one) => one.kind === "sale")) {
    const neverLeft = Object.keys(invoice.units).every((key) => (shipped[key] ?? 0) === 0);
    const memo = credits.find(
      (one) =>
        !gone.has(one) &&
        one.originalNumber === invoice.number &&
        areEqual(one, invoice) &&
        (isCorrective(one) || isCanceled(invoice) || neverLeft),
    );
    if (memo) gone.add(memo).add(invoice);
    else if (isCanceled(invoice)) gone.add(invoice);
  }
  for (const one of credits) if (isCorrective(one) || isCanceled(one)) gone.add(one);
  return gone;
}
