import { dayIn } from "./day";
import type { BookDocument, BookLine, DocumentKind, LineKind } from "./document";
import type { Minor } from "./money";
import { isCreditNote, type OrderFee, type OrderInvoice, type OrderItem, type SalesOrder } from "./order";

/** When an entity's books take a SCAYLE item as sold, and whether a withdrawn order gets its shipping back. */
export type RecognitionPolicy = Readonly<{
  recognition: "shipped" | "invoiced" | "confirmed";
  timeZone: string;
  shippingRefund: "whole-order" | "never";
}>;

type Fate = Readonly<{ item: OrderItem; soldAt: Date | null; creditedAt: Date | null; cancelled: boolean }>;

const NOT_DELIVERED = new Set(["cancelled", "canceled", "unavailable", "undeliverable"]);
const CAME_BACK = new Set(["returned", "undeliverable"]);

/** Whether an item will never be delivered: cancelled, or without stock, before it was sold. */
export const isCancelled = (item: Pick<OrderItem, "cancelledAt" | "status">): boolean =>
  item.cancelledAt !== null || NOT_DELIVERED.has(item.status ?? "");

/**
 * The sale and the credit that the books take from a SCAYLE order.
 *
 * An item is sold when it has shipped (policy: shipped | invoiced | confirmed) and credited when it came back or was
 * cancelled after that; each in the month of that instant in the entity's time zone. Fees count with the first item
 * sold. What the order's `cost` says beyond its live items and fees is a line of its own, kind `header`.
 * Credit figures are derived from the items: SCAYLE gives its credit notes no amounts. Minor units of the order's
 * currency; sale +, credit −. Returns no document where nothing was sold.
 */
export function booksOf(
  order: SalesOrder,
  invoices: readonly OrderInvoice[] | null,
  policy: RecognitionPolicy,
): readonly BookDocument[] {
  const fates = order.items.map((item) => fateOf(item, order, invoices, policy));
  const sold = fates.filter((fate) => fate.soldAt !== null);
  const firstSale = earliest(sold.map((fate) => fate.soldAt));
  if (!firstSale) return [];
  const place = placing(policy.timeZone);
  const credited = sold.filter((fate) => fate.creditedAt !== null);
  const lastReturn = latest(credited.map((fate) => fate.creditedAt));
  const withdrawn = lastReturn !== null && fates.every((fate) => fate.creditedAt !== null || fate.cancelled);
  const refunded = order.fees.filter((fee) => isRefunded(fee, withdrawn, policy));
  const returnFees = order.fees.filter((fee) => fee.category === "return");
  const saleFees = order.fees.filter((fee) => fee.category !== "return");
  // A fee may be refunded or charged without any item coming back: it counts when SCAYLE wrote or changed it.
  const lastCredit =
    lastReturn ??
    (refunded.length + returnFees.length > 0 ? (firstNote(invoices) ?? order.updatedAt ?? firstSale) : null);

  const sale: BookLine[] = [
    ...sold.map(({ item, soldAt }) => itemLine(item, order, 1n, place(soldAt ?? firstSale))),
    ...saleFees.map((fee, index) => feeLine(fee, index, 1n, place(firstSale))),
    ...headerLine(order, fates, refunded, place(firstSale)),
  ];
  const credit: BookLine[] = lastCredit
    ? [
        ...credited.map(({ item, creditedAt }) =>
          itemLine(item, order, -1n, place(creditedAt ?? lastCredit)),
        ),
        ...refunded.map((fee) => feeLine(fee, saleFees.indexOf(fee), -1n, place(lastCredit))),
        ...returnFees.map((fee, index) => feeLine(fee, saleFees.length + index, 1n, place(lastCredit))),
      ]
    : [];
  const notes = (invoices ?? []).filter((invoice) => isCreditNote(invoice.type));
  return [
    documentOf(order, "sale", order.reference, sale),
    ...(credit.length > 0
      ? [
          documentOf(
            order,
            "credit",
            notes.map((note) => note.number ?? note.id).join(", ") || order.reference,
            credit,
          ),
        ]
      : []),
  ];
}

function fateOf(
  item: OrderItem,
  order: SalesOrder,
  invoices: readonly OrderInvoice[] | null,
  policy: RecognitionPolicy,
): Fate {
  const soldAt = saleInstant(item, order, policy);
  const cancelled = isCancelled(item);
  if (soldAt === null || isCancelledFirst(item, order, soldAt, policy))
    return { item, soldAt: null, creditedAt: null, cancelled };
  const cameBack = item.returnedAt !== null || CAME_BACK.has(item.status ?? "") || cancelled;
  if (!cameBack) return { item, soldAt, creditedAt: null, cancelled: false };
  const note = firstNote(invoices);
  const creditedAt =
    item.returnedAt ?? item.cancelledAt ?? note ?? item.updatedAt ?? order.updatedAt ?? soldAt;
  return { item, soldAt, creditedAt, cancelled: false };
}

const firstNote = (invoices: readonly OrderInvoice[] | null): Date | null =>
  earliest((invoices ?? []).filter((one) => isCreditNote(one.type)).map((one) => one.createdAt));

/** Cancelled before it was sold. An invoice date speaks for an item's shipping only where the order has no dates of parcels. */
function isCancelledFirst(
  item: OrderItem,
  order: SalesOrder,
  soldAt: Date,
  policy: RecognitionPolicy,
): boolean {
  if (!isCancelled(item)) return false;
  if (item.cancelledAt !== null && item.cancelledAt <= soldAt) return true;
  if (shippedAt(item, order) !== null) return false;
  // A parcel that could not be delivered did leave, also where nothing but the invoice says when.
  const dated = order.items.some((one) => shippedAt(one, order) !== null);
  if (item.status === "undeliverable" && item.cancelledAt === null && !dated && order.invoicedAt !== null)
    return false;
  if (item.cancelledAt === null) return true;
  return policy.recognition === "shipped" && dated;
}

const shippedAt = (item: OrderItem, order: SalesOrder): Date | null =>
  item.shippedAt ?? order.packages.find((one) => one.id === item.packageId)?.shippedAt ?? null;

function saleInstant(item: OrderItem, order: SalesOrder, policy: RecognitionPolicy): Date | null {
  if (policy.recognition === "confirmed") return order.confirmedAt;
  if (policy.recognition === "invoiced") return order.invoicedAt;
  return shippedAt(item, order) ?? order.invoicedAt;
}

function isRefunded(fee: OrderFee, withdrawn: boolean, policy: RecognitionPolicy): boolean {
  if (fee.category === "return") return false;
  if (fee.refundTriggered === true) return true;
  return withdrawn && policy.shippingRefund === "whole-order" && kindOfFee(fee) === "shipping";
}

const kindOfFee = (fee: OrderFee): LineKind =>
  fee.category === "delivery" || fee.category === "shipment" ? "shipping" : "fee";

type Place = Readonly<{ at: Date; day: string }>;
const placing =
  (timeZone: string) =>
  (at: Date): Place => ({ at, day: dayIn(at, timeZone) });

function itemLine(item: OrderItem, order: SalesOrder, sign: 1n | -1n, { at, day }: Place): BookLine {
  return {
    sourceLineId: item.id,
    kind: "item",
    granularity: "item",
    sku: item.sku,
    variant: null,
    account: null,
    quantity: sign.toString(),
    unitPrice: null,
    discount: null,
    ...signed(item, sign),
    taxCode: null,
    taxRate: item.taxRate,
    day,
    at,
    shipment: item.packageId ?? (order.packages.length === 1 ? (order.packages[0]?.id ?? null) : null),
    description: item.name,
  };
}

function feeLine(fee: OrderFee, index: number, sign: 1n | -1n, { at, day }: Place): BookLine {
  return {
    sourceLineId: `fee-${index}-${fee.key}`,
    kind: kindOfFee(fee),
    granularity: "item",
    sku: null,
    variant: null,
    account: fee.key,
    quantity: sign.toString(),
    unitPrice: null,
    discount: null,
    ...signed(fee, sign),
    taxCode: null,
    taxRate: fee.taxRate,
    day,
    at,
    shipment: null,
    description: fee.key.replaceAll("_", " "),
  };
}

type Priced = Readonly<{ net: Minor | null; tax: Minor | null; gross: Minor }>;

const signed = ({ net, tax, gross }: Priced, sign: 1n | -1n): Priced => ({
  net: net === null ? null : net * sign,
  tax: tax === null ? null : tax * sign,
  gross: gross * sign,
});

/**
 * What the order's cost states beyond its live items and fees.
 *
 * Whether SCAYLE takes returned items out of `cost` is not documented, so the reading under which the gross agrees
 * holds; where none agrees, items that were not cancelled are live (reference/scayle-admin-api §3.6).
 */
function headerLine(
  order: SalesOrder,
  fates: readonly Fate[],
  refunded: readonly OrderFee[],
  { at, day }: Place,
): readonly BookLine[] {
  const { cost } = order;
  if (cost.gross === null) return [];
  const basis = headerBasis(order, fates, refunded);
  const gross = cost.gross - sumOf(basis.map((one) => one.gross));
  const nets = basis.map((one) => one.net);
  const net = cost.net === null || nets.some((one) => one === null) ? null : cost.net - sumOf(nets);
  if (gross === 0n && (net === null || net === 0n)) return [];
  return [
    {
      sourceLineId: "header",
      kind: "header",
      granularity: "item",
      sku: null,
      variant: null,
      account: null,
      quantity: "1",
      unitPrice: null,
      discount: null,
      net,
      tax: net === null ? null : gross - net,
      gross,
      taxCode: null,
      taxRate: null,
      day,
      at,
      shipment: null,
      description: "Order total beyond its items and fees",
    },
  ];
}

/** The items and fees that the order's cost is made of: the reading whose gross agrees with it, else the live ones. */
export function headerBasis(
  order: SalesOrder,
  fates: readonly Readonly<{ item: OrderItem; creditedAt: Date | null; cancelled: boolean }>[],
  refunded: readonly OrderFee[],
): readonly (OrderItem | OrderFee)[] {
  const kept = fates.filter((fate) => !fate.cancelled).map((fate) => fate.item);
  const live = fates.filter((fate) => !fate.cancelled && fate.creditedAt === null).map((fate) => fate.item);
  const fees = order.fees.filter((fee) => fee.category !== "return");
  const unrefunded = fees.filter((fee) => !refunded.includes(fee));
  const returnFees = order.fees.filter((fee) => fee.category === "return");
  const readings: (OrderItem | OrderFee)[][] = [
    [...live, ...unrefunded, ...returnFees],
    [...live, ...fees, ...returnFees],
    [...live, ...unrefunded],
    [...live, ...fees],
    [...kept, ...fees, ...returnFees],
    [...kept, ...fees],
    [...kept, ...unrefunded, ...returnFees],
  ];
  return (
    readings.find((one) => sumOf(one.map((part) => part.gross)) === order.cost.gross) ?? [...kept, ...fees]
  );
}

/** The items and fees behind the order's cost, for whoever recomputes its tax. */
export function costBasis(
  order: SalesOrder,
  invoices: readonly OrderInvoice[] | null,
  policy: RecognitionPolicy,
): readonly (OrderItem | OrderFee)[] {
  const fates = order.items.map((item) => fateOf(item, order, invoices, policy));
  const credited = fates.some((fate) => fate.creditedAt !== null);
  const withdrawn = credited && fates.every((fate) => fate.creditedAt !== null || fate.cancelled);
  return headerBasis(
    order,
    fates,
    order.fees.filter((fee) => isRefunded(fee, withdrawn, policy)),
  );
}

function documentOf(
  order: SalesOrder,
  kind: DocumentKind,
  number: string,
  lines: readonly BookLine[],
): BookDocument {
  return {
    side: "scayle",
    kind,
    sourceId: order.id,
    number,
    reference: order.reference,
    originalNumber: null,
    status: order.orderStatus ?? order.status,
    posted: true,
    currency: order.currency,
    shop: order.shop,
    channel: order.channel,
    shipTo: order.shipTo,
    postingDay: lines.map((line) => line.day).sort()[0] ?? null,
    modifiedAt: order.updatedAt,
    pricesIncludeTax: true,
    stated: { net: null, tax: null, gross: null },
    lines,
  };
}

const sumOf = (amounts: readonly (Minor | null)[]): Minor =>
  amounts.reduce<Minor>((sum, amount) => sum + (amount ?? 0n), 0n);

const times = (instants: readonly (Date | null)[]): number[] =>
  instants.filter((one) => one !== null).map((one) => one.getTime());

const earliest = (instants: readonly (Date | null)[]): Date | null =>
  times(instants).length === 0 ? null : new Date(Math.min(...times(instants)));

const latest = (instants: readonly (Date | null)[]): Date | null =>
  times(instants).length === 0 ? null : new Date(Math.max(...times(instants)));
