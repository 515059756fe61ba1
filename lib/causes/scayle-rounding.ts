import { Decimal } from "decimal.js";
import type { Group } from "@/lib/domain/group";
import type { OrderFee, OrderItem } from "@/lib/domain/order";
import { costBasis } from "@/lib/domain/recognition";
import { type RoundingPolicy, scayleRate, type Taxed, totalTax } from "@/lib/domain/tax/policy";

const LEVELS: readonly Readonly<{ level: RoundingPolicy["level"]; words: string }>[] = [
  { level: "line", words: "per line (price calculator v1)" },
  { level: "order", words: "once per order (legacy calculator)" },
  { level: "unit", words: "per unit" },
  { level: "document", words: "once per rate" },
];

/**
 * Which of SCAYLE's calculators made the order's stated tax, from the order's own figures; null when none did.
 * v1 rounds per product line and sums, legacy sums and rounds once (reference/scayle-admin-api §3.6).
 */
export function headerReproduced(group: Group): string | null {
  const { order } = group;
  if (!order || order.cost.gross === null || order.cost.net === null) return null;
  const basis = costBasis(order, group.invoices, group.settings.recognition);
  if (basis.some((part) => part.taxRate === null)) return null;
  const stated = order.cost.gross - order.cost.net;
  for (const { level, words } of LEVELS) {
    for (const first of ["net", "tax"] as const) {
      const policy: RoundingPolicy = { level, mode: "half-up", basis: "gross", first };
      if (totalTax(taxedParts(basis), policy) === stated) return words;
    }
  }
  return null;
}

/** Units of one product at one price make a product line. */
function taxedParts(basis: readonly (OrderItem | OrderFee)[]): readonly Taxed[] {
  const parts = new Map<string, Taxed>();
  basis.forEach((part, index) => {
    const rate = scayleRate(new Decimal(part.taxRate ?? "0"));
    const key = "sku" in part ? `${part.sku} ${part.gross} ${rate}` : `fee ${index}`;
    const before = parts.get(key);
    parts.set(key, { base: (before?.base ?? 0n) + part.gross, rate, units: (before?.units ?? 0) + 1 });
  });
  return [...parts.values()];
}
