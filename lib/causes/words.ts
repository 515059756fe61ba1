import type { Decimal } from "decimal.js";
import type { DocumentKind } from "@/lib/domain/document";
import type { GroupDocument, GroupLine } from "@/lib/domain/group";
import { exponentOf, formatAmount, type KnownAmounts, type Minor } from "@/lib/domain/money";

/** "39.98 EUR" */
export const money = (amount: Minor, currency: string): string =>
  `${formatAmount(amount, currency)} ${currency}`;

/** "119.00 EUR (net 100.00, tax 19.00)"; "net −0.01, tax 0.01, gross 0.00 EUR" where only the split differs; "0.00 EUR" for nothing. */
export function figures({ net, tax, gross }: KnownAmounts, currency: string): string {
  const split = `net ${formatAmount(net, currency)}, tax ${formatAmount(tax, currency)}`;
  if (gross !== 0n) return `${money(gross, currency)} (${split})`;
  // Net and tax of no gross cancel each other out: what differs is said first, not the zero.
  return net === 0n && tax === 0n ? money(gross, currency) : `${split}, gross ${money(gross, currency)}`;
}

/** A price as documents print it, with at least the currency's decimals: "15.00", "10.705" */
export const priceText = (price: Decimal | null, currency: string): string =>
  price === null ? "?" : price.toFixed(Math.max(price.decimalPlaces(), exponentOf(currency)));

/** "invoice 103021", "credit memo 104001" */
export const erpName = (document: GroupDocument): string =>
  `${document.kind === "sale" ? "invoice" : "credit memo"} ${document.number}`;

export const kindName = (kind: DocumentKind): string => (kind === "sale" ? "sale" : "credit");

/** "2 × SKU-1, 1 × SKU-2" */
export function itemsInWords(lines: readonly GroupLine[]): string {
  const counts = new Map<string, number>();
  for (const line of lines) {
    const name = line.kind === "item" ? (line.sku ?? line.itemKey) : (line.description ?? line.kind);
    counts.set(name, (counts.get(name) ?? 0) + line.quantity.abs().toNumber());
  }
  const parts = [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, quantity]) => `${quantity} × ${name}`);
  return parts.length > 4 ? `${parts.slice(0, 4).join(", ")} and ${parts.length - 4} more` : parts.join(", ");
}
