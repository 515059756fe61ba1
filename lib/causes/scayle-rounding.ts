import { Decimal } from "decimal.js";
import type { Group, GroupLine } from "@/lib/domain/group";
import type { Minor } from "@/lib/domain/money";
import type { OrderFee, OrderItem } from "@/lib/domain/order";
import { costBasis } from "@/lib/domain/recognition";
import { taxOf, taxTogether } from "@/lib/domain/tax/exact";
import { lineTax, type RoundingPolicy } from "@/lib/domain/tax/policy";
import type { Rate } from "@/lib/domain/tax/rate";
import { microOf, scayleRateOf, wholeUnits } from "./numbers";
import { documentOf, roundingOf, type Work } from "./work";

/** What SCAYLE's order is made of. */
export type Priced = OrderItem | OrderFee;

/** SCAYLE's price calculators: v1 rounds per product line and sums, legacy sums and rounds once. */
export type Calculator = Readonly<{ level: "line" | "order"; words: string }>;

/** How SCAYLE's docs say that it rounds, where nobody has confirmed it: net rounded half up. */
export const SCAYLE_POLICY: RoundingPolicy = { level: "unit", mode: "half-up", basis: "gross", first: "net" };

const CALCULATORS: readonly Calculator[] = [
  { level: "line", words: "per line (price calculator v1)" },
  { level: "order", words: "once per order (legacy calculator)" },
];

/** How the SCAYLE connection behind a line rounds, if a person confirmed it; else null. */
export function confirmedScaylePolicy(work: Work, line: GroupLine): RoundingPolicy | null {
  const document = documentOf(work, line);
  const rule = document ? roundingOf(work, document) : null;
  return rule?.confirmed === true ? rule.policy : null;
}

/** Whether a line's tax is what SCAYLE's policy makes of its gross, at a rate rounded to three decimals. */
export function isScayleTax(line: GroupLine, rate: Rate, policy: RoundingPolicy): boolean {
  const count = wholeUnits(microOf(line.quantity)) ?? 1;
  return line.tax === lineTax(line.gross, rate, count, policy);
}

/**
 * Which of SCAYLE's calculators makes `beyond`: the tax of the order's cost beyond its items' own taxes, in minor units.
 * null when neither does, or when an item's own tax is not what SCAYLE's policy makes of it: its error would stand in
 * the header, too (reference/scayle-admin-api §3.6).
 */
export function calculatorOf(group: Group, beyond: Minor, policy: RoundingPolicy): Calculator | null {
  const basis = pricedParts(group);
  if (!basis) return null;
  const own = ownTaxes(basis, policy);
  if (own === null) return null;
  return (
    CALCULATORS.find((calculator) => calculated(basis, calculator, policy).includes(own + beyond)) ?? null
  );
}

/** The items and fees behind the order's cost; null where one has no tax to recompute. */
export function pricedParts(group: Group): readonly Priced[] | null {
  if (!group.order || group.order.cost.gross === null || group.order.cost.net === null) return null;
  const basis = costBasis(group.order, group.invoices, group.settings.recognition);
  return basis.some((part) => part.taxRate === null || part.tax === null) ? null : basis;
}

/** Sum of the parts' own taxes, each of which has to be what the policy makes of it; else null. */
export function ownTaxes(parts: readonly Priced[], policy: RoundingPolicy): Minor | null {
  let total = 0n;
  for (const part of parts) {
    if (part.tax === null || part.taxRate === null) return null;
    if (part.tax !== lineTax(part.gross, rateOfText(part.taxRate), 1, policy)) return null;
    total += part.tax;
  }
  return total;
}

/**
 * The tax of an order by a calculator, in minor units: with the tax rounded, and with the net rounded where the policy
 * says so. The docs of the calculators speak of the tax, those of prices of the net; they differ on ties alone.
 */
export function calculated(
  parts: readonly Priced[],
  { level }: Calculator,
  policy: RoundingPolicy,
): readonly Minor[] {
  const lines = productLines(parts);
  const firsts = policy.first === "tax" ? (["tax"] as const) : (["tax", "net"] as const);
  return firsts.map((first) => {
    const rule = { mode: policy.mode, basis: "gross" as const, first };
    if (level === "order") return taxTogether(lines, rule);
    return lines.reduce((sum, { base, rate }) => sum + taxOf(base, rate, rule), 0n);
  });
}

export const calculators: readonly Calculator[] = CALCULATORS;

/** Units of one product at one price make a product line. */
function productLines(parts: readonly Priced[]): readonly Readonly<{ base: Minor; rate: Rate }>[] {
  const lines = new Map<string, { base: Minor; rate: Rate }>();
  parts.forEach((part, index) => {
    const key = "sku" in part ? `${part.sku} ${part.gross} ${part.taxRate}` : `fee ${index}`;
    const line = lines.get(key);
    if (line) line.base += part.gross;
    else lines.set(key, { base: part.gross, rate: rateOfText(part.taxRate ?? "0") });
  });
  return [...lines.values()];
}

const MAX_KNOWN = 4_096;
const rates = new Map<string, Rate>();

/** A rate as text, as SCAYLE divides by it. */
export function rateOfText(text: string): Rate {
  const before = rates.get(text);
  if (before) return before;
  if (rates.size >= MAX_KNOWN) rates.clear();
  const made = scayleRateOf(new Decimal(text));
  rates.set(text, made);
  return made;
}
