import { addSums, lineSums, NO_LINES, negatedSums, type Priced, type Sums } from "./control";
import type { BookDocument, BookLine, DocumentKind } from "./document";
import type { OrderFee, OrderItem, SalesOrder } from "./order";
import type { RecognitionPolicy } from "./recognition";

/**
 * Why an order's documents hold less or more than the order's units. `lost` and `surplus` have no good reason: they are
 * faults, and a period with one of them is not proved.
 */
export type RemainderReason =
  | "not-sold-yet"
  | "cancelled"
  | "header"
  | "came-back-unsold"
  | "cancelled-after-sale"
  | "refunded-fee"
  | "lost"
  | "surplus";

/** What is to be added to an order's units for the documents' lines to come out; negative where they hold less. */
export type Remainder = Readonly<{ kind: DocumentKind; reason: RemainderReason; sums: Sums }>;

const NOT_DELIVERED = new Set(["cancelled", "canceled", "unavailable", "undeliverable"]);
const BACK = new Set(["returned", "undeliverable"]);

/**
 * What lies between an order's units as SCAYLE states them and the sale and credit that were derived from it, by reason.
 * It follows the units and not the derivation: a unit that should be in the books and isn't is `lost`. Minor units;
 * signs as in the documents (sale +, credit −).
 */
export function remaindersOf(
  order: SalesOrder,
  documents: readonly BookDocument[],
  recognition: RecognitionPolicy["recognition"],
): readonly Remainder[] {
  const sale = linesOf(documents, "sale");
  const credit = linesOf(documents, "credit");
  const found = new Map<string, Remainder>();
  const note = (kind: DocumentKind, reason: RemainderReason, sums: Sums): void => {
    const known = found.get(`${kind} ${reason}`);
    found.set(`${kind} ${reason}`, { kind, reason, sums: addSums(known?.sums ?? NO_LINES, sums) });
  };
  const sumsOf = (lineId: string, amounts: Priced): Sums => lineSums(order.id, lineId, amounts);

  for (const item of order.items) {
    if (!sale.has(item.id))
      note("sale", whyUnsold(item, order, recognition), negatedSums(sumsOf(item.id, item)));
    if (isBack(item) && !credit.has(item.id)) {
      const reason = sale.has(item.id) ? "lost" : "came-back-unsold";
      note("credit", reason, negatedSums(sumsOf(item.id, turned(item))));
    }
    const line = credit.get(item.id);
    if (line && !isBack(item)) {
      note("credit", isCancelled(item) ? "cancelled-after-sale" : "surplus", sumsOf(item.id, line));
    }
  }
  for (const { id, fee } of feesOf(order)) {
    const charged = fee.category === "return";
    const [kind, lines] = charged ? (["credit", credit] as const) : (["sale", sale] as const);
    // Nothing was sold: its fees aren't either.
    if (!lines.has(id)) note(kind, sale.size === 0 ? "not-sold-yet" : "lost", negatedSums(sumsOf(id, fee)));
    const refund = charged ? undefined : credit.get(id);
    if (refund) note("credit", "refunded-fee", sumsOf(id, refund));
  }
  const known = new Set([...order.items.map((item) => item.id), ...feesOf(order).map((one) => one.id)]);
  for (const [kind, lines] of [["sale", sale] as const, ["credit", credit] as const]) {
    for (const [id, line] of lines) {
      if (known.has(id)) continue;
      note(kind, kind === "sale" && line.kind === "header" ? "header" : "surplus", sumsOf(id, line));
    }
  }
  return [...found.values()];
}

const linesOf = (documents: readonly BookDocument[], kind: DocumentKind): ReadonlyMap<string, BookLine> =>
  new Map(
    documents
      .filter((document) => document.kind === kind)
      .flatMap((document) => document.lines.map((line) => [line.sourceLineId, line] as const)),
  );

/** Fees as their lines are called: those of the sale first, then those of a return. */
function feesOf(order: SalesOrder): readonly Readonly<{ id: string; fee: OrderFee }>[] {
  const ordered = [
    ...order.fees.filter((fee) => fee.category !== "return"),
    ...order.fees.filter((fee) => fee.category === "return"),
  ];
  return ordered.map((fee, index) => ({ id: `fee-${index}-${fee.key}`, fee }));
}

const isBack = (item: OrderItem): boolean => item.returnedAt !== null || BACK.has(item.status ?? "");

const isCancelled = (item: OrderItem): boolean =>
  item.cancelledAt !== null || NOT_DELIVERED.has(item.status ?? "");

/** A unit without a line was cancelled, or nothing says yet that it was sold; otherwise it is lost. */
function whyUnsold(
  item: OrderItem,
  order: SalesOrder,
  recognition: RecognitionPolicy["recognition"],
): RemainderReason {
  if (isCancelled(item)) return "cancelled";
  const parcel = order.packages.find((one) => one.id === item.packageId)?.shippedAt ?? null;
  const instants = {
    shipped: [item.shippedAt, parcel, order.invoicedAt],
    invoiced: [order.invoicedAt],
    confirmed: [order.confirmedAt],
  }[recognition];
  return instants.every((instant) => instant === null) ? "not-sold-yet" : "lost";
}

const turned = ({ net, tax, gross }: Priced): Priced => ({
  net: net === null ? null : -net,
  tax: tax === null ? null : -tax,
  gross: gross === null ? null : -gross,
});
