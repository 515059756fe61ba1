import type { DocumentKind, Side } from "@/lib/domain/document";
import { formatAmount, type Minor } from "@/lib/domain/money";
import type { OrderContent } from "./schema";
import { fatesOf } from "./truth";

/** A part of an amount, and what it is for: minor units of the order's currency. */
export type Part = Readonly<{ label: string; amount: Minor }>;

/** How what was paid for an order divides into what it was for, what was given back, and what is left. */
export type Settlement = Readonly<{
  /** by SCAYLE, when the order was placed; 0: it states no amount */
  paid: Minor;
  charged: readonly Part[];
  /** by SCAYLE's returned items and fees: it gives its credit notes no amounts. Positive: given back; negative: kept for it */
  refunds: readonly Part[];
  refunded: Minor;
  /** what makes up paid − refunded, to the cent */
  left: readonly Part[];
}>;

type Line = Readonly<{
  side: Side;
  documentKind: DocumentKind;
  kind: string;
  description: string | null;
  currency: string;
  gross: Minor;
  inBooks: boolean;
}>;

/** Divides it. Lines in other currencies than the order's are the ERP's mistakes, and none of this. */
export function settlementOf(order: OrderContent, currency: string, lines: readonly Line[]): Settlement {
  const own = lines.filter((line) => line.side === "scayle" && line.inBooks && line.currency === currency);
  const [sales, credits] = [
    own.filter((line) => line.documentKind === "sale"),
    own.filter((line) => line.documentKind === "credit"),
  ];
  const paid = sumOf(order.payments.map((one) => one.amount ?? 0n));
  const fees = order.fees
    .filter((fee) => fee.category !== "return")
    .map((fee) => ({ label: nameOf(fee.key, "fee"), amount: fee.gross }));
  const items = sumOf(order.items.map((item) => item.gross ?? 0n));
  const charged = partsOf([{ label: itemsOf(order.items.length), amount: items }, ...fees]);

  const back = (line: Line) => line.kind === "item";
  const returned = credits.filter(back);
  const refunds = partsOf([
    { label: itemsOf(returned.length), amount: -sumOf(returned.map((line) => line.gross)) },
    ...credits
      .filter((line) => !back(line))
      .map((line) => ({ label: nameOf(line.description, line.kind), amount: -line.gross })),
  ]);
  const refunded = sumOf(refunds.map((one) => one.amount));

  const sold = sales.filter(back);
  const { cancelled, waiting } = fatesOf(order);
  const goods = sumOf(sold.map((line) => line.gross)) - sumOf(returned.map((line) => -line.gross));
  const parts = partsOf([
    { label: `${itemsOf(sold.length - returned.length)} kept`, amount: goods },
    { label: `${itemsOf(cancelled.length)} ${CANCELLED}`, amount: grossOf(cancelled) },
    { label: `${itemsOf(waiting.length)} not shipped yet`, amount: grossOf(waiting) },
    ...(sales.length === 0 ? fees : []),
    ...[...sales, ...credits]
      .filter((line) => !back(line))
      .map((line) => ({ label: nameOf(line.description, line.kind), amount: line.gross })),
  ]);
  const rest = paid - refunded - sumOf(parts.map((one) => one.amount));
  return {
    ...{ paid, charged, refunds, refunded },
    left: rest === 0n ? parts : [...parts, { label: "not explained by SCAYLE’s figures", amount: rest }],
  };
}

/** How what was paid and was not given back comes about, in a line; null where nothing was given back or cancelled. */
export function leftWords({ paid, refunded, left }: Settlement, currency: string): string | null {
  const hasCancelled = left.some((one) => one.label.endsWith(CANCELLED));
  if (paid === 0n || (refunded === 0n && !hasCancelled)) return null;
  const amount = (minor: Minor) => formatAmount(minor, currency);
  const [only] = left;
  const parts =
    left.length === 1 ? only?.label : left.map((one) => `${amount(one.amount)} for ${one.label}`).join(", ");
  const sum =
    refunded === 0n
      ? `The ${amount(paid)} ${currency} were ${parts}.`
      : `${amount(paid)} − ${amount(refunded)} = ${amount(paid - refunded)} ${currency}: ${parts || "all of it was given back"}.`;
  return hasCancelled ? `${sum} SCAYLE does not say whether what was cancelled was charged.` : sum;
}

const CANCELLED = "cancelled before shipping";
const sumOf = (amounts: readonly Minor[]): Minor => amounts.reduce((sum, one) => sum + one, 0n);
const grossOf = (items: readonly OrderContent["items"][number][]): Minor =>
  sumOf(items.map((item) => item.gross ?? 0n));
const itemsOf = (count: number): string => (count === 1 ? "1 item" : `${count} items`);

const KINDS: Readonly<Record<string, string>> = {
  shipping: "shipping",
  fee: "fee",
  header: "what the order’s total has beyond its items",
};

/** What a fee is for: SCAYLE's keys in words ("base_payment_service_cost" is a payment fee). */
const nameOf = (key: string | null, kind: string): string =>
  key === null || kind === "header" ? (KINDS[kind] ?? kind) : feeName(key) || "fee";

/** A fee's key in words; any other text stays as it is. */
export const feeName = (key: string): string =>
  key
    .replaceAll("_", " ")
    .replace(/^base (.+) service cost$/, "$1 fee")
    .trim();

/** The same parts added up, without those that come to nothing. */
function partsOf(parts: readonly Part[]): readonly Part[] {
  const sums = new Map<string, Minor>();
  for (const { label, amount } of parts) sums.set(label, (sums.get(label) ?? 0n) + amount);
  return [...sums].flatMap(([label, amount]) => (amount === 0n ? [] : [{ label, amount }]));
}
