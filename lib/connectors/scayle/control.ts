import { lineSums, type Priced, type SourceControl, totalSums } from "@/lib/domain/control";
import { objectOf } from "@/lib/domain/json";
import { readInstant } from "../wire-values";

type Raw = Readonly<Record<string, unknown>>;

/** A unit or fee as the payload has it; `readable` is false where its amount is no whole number. */
type Part = Readonly<{ id: string; amounts: Priced; readable: boolean }>;

/**
 * Counts and sums of an order's payload as it came, apart from its translation. `sale`: its units and fees. `credit`: the
 * units that it marks as come back, taken away, and what was charged for that; left out where it marks none. Units are at
 * the price after an absolute voucher, which is what SCAYLE states last. Minor units.
 */
export function orderControls(payload: unknown): readonly SourceControl[] {
  const order = objectOf(payload);
  const id = textOf(order["id"]);
  const items = listOf(order["items"]).map(objectOf);
  const fees = feesOf(order);
  const units = items.map(unitOf);
  const back = items.filter(isBack).map(unitOf);
  const sold = [...units, ...fees.filter((fee) => fee.category !== "return").map((fee) => fee.part)];
  const charged = fees.filter((fee) => fee.category === "return").map((fee) => fee.part);
  const sums = (parts: readonly Part[]) =>
    totalSums(parts.filter((part) => part.readable).map((part) => lineSums(id, part.id, part.amounts)));
  const taken = back.map((part) => ({ ...part, amounts: turned(part.amounts) }));
  const shop = objectOf(order["shopCountry"]);
  const base = {
    day: dayOf(order["createdAt"]),
    currency: textOf(order["currencyCode"]) || textOf(shop["currencyCode"]) || null,
  };
  const unreadable = (parts: readonly Part[]) => parts.filter((part) => !part.readable).length;
  const credit = [...taken, ...charged];
  return [
    { ...base, kind: "sale", unreadable: unreadable(sold), sums: sums(sold) },
    ...(credit.length === 0
      ? []
      : [{ ...base, kind: "credit" as const, unreadable: unreadable(credit), sums: sums(credit) }]),
  ];
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

const dayOf = (value: unknown): string | null =>
  typeof value === "string" ? (readInstant(value)?.toISOString().slice(0, 10) ?? null) : null;

const isBack = (item: Raw): boolean =>
  (item["returnedAt"] !== undefined && item["returnedAt"] !== null) ||
  ["returned", "undeliverable"].includes(textOf(item["status"]));

function unitOf(item: Raw): Part {
  const price = objectOf(item["price"]);
  const afterVoucher = price["absoluteVoucherReducedPrice"];
  const stated = afterVoucher === undefined || afterVoucher === null ? price : objectOf(afterVoucher);
  return partOf(textOf(item["id"]), stated, stated["tax"]);
}

/** The fees that have an amount. Their ids count first the charges of the sale, then those of a return. */
function feesOf(order: Raw): readonly Readonly<{ category: string; part: Part }>[] {
  const stated = listOf(objectOf(order["cost"])["appliedFees"])
    .map(objectOf)
    .filter((fee) => isGiven(objectOf(fee["amount"])["withTax"]))
    .map((fee) => ({ fee, category: textOf(fee["category"]) || "additional" }));
  const inOrder = [
    ...stated.filter((one) => one.category !== "return"),
    ...stated.filter((one) => one.category === "return"),
  ];
  return inOrder.map(({ fee, category }, index) => {
    const amount = objectOf(fee["amount"]);
    const tax = isGiven(fee["tax"]) ? fee["tax"] : amount["tax"];
    return { category, part: partOf(`fee-${index}-${textOf(fee["key"]) || "fee"}`, amount, tax) };
  });
}

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function partOf(id: string, price: Raw, tax: unknown): Part {
  const gross = wholeOf(price["withTax"]);
  const net = wholeOf(price["withoutTax"]) ?? wholeOf(price["withOutTax"]);
  const vat = wholeOf(objectOf(objectOf(tax)["vat"])["amount"]);
  if (gross === null) return { id, amounts: { net: null, tax: null, gross: null }, readable: false };
  if (net !== null) return { id, amounts: { net, tax: gross - net, gross }, readable: true };
  return { id, amounts: { net: vat === null ? null : gross - vat, tax: vat, gross }, readable: true };
}

/** A whole number, however it is written; null for anything else. */
const wholeOf = (value: unknown): bigint | null =>
  /^-?\d+(\.0+)?$/.test(textOf(value)) ? BigInt(textOf(value).replace(/\.0+$/, "")) : null;

const turned = ({ net, tax, gross }: Priced): Priced => ({
  net: net === null ? null : -net,
  tax: tax === null ? null : -tax,
  gross: gross === null ? null : -gross,
});
