import { type Figures, negate } from "@/lib/sandbox/arithmetic";
import type { Month } from "@/lib/sandbox/calendar";
import { DAY, localDate } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import { agreesExactly, periodOf } from "@/lib/sandbox/figures";
import type { Affair, ErpDocument, PlantedFault, SandboxOrder } from "@/lib/sandbox/model";
import { documentTotal } from "@/lib/sandbox/postings";
import { makeGuid, type Random } from "@/lib/sandbox/random";
import { ENTITIES } from "@/lib/sandbox/retailer";

/** What a fault may use: the retailer's products, and choices that are the same each time they are asked for. */
export type FaultTools = {
  catalogue: readonly [Variant, ...Variant[]];
  /** A fresh source of the choices for this fault on this order: what `fits` chose, `plant` and `resolve` choose too. */
  random: () => Random;
};

/** Rows of the truth name ERP documents by their identity; numbers are given once everything is planted. */
export type Planting = Affair & { truth: PlantedFault[] };

/** One kind of fault: which orders can bear it so that no other explanation holds, how it looks, how people put it right. */
export type FaultPlan = {
  /** Unique among the plans. */
  name: string;
  /** `edge`: at the end or beginning of a month, with another of the three months behind it. */
  season: "within" | "edge";
  /** The local date by which the fault is spread over the months, or null when the affair can't bear it. */
  fits(affair: Affair, tools: FaultTools): string | null;
  plant(affair: Affair, tools: FaultTools): Planting;
  /** The same once somebody has put it right at its source, in the same month. */
  resolve(affair: Affair, tools: FaultTools): Planting;
};

/** The local date of an instant in the order's books. */
export function dateOf(order: SandboxOrder, at: number): string {
  return localDate(at, ENTITIES[order.entity].timeZone);
}

export const isMarketplace = ({ order }: Affair): boolean => order.outlet.channel?.type === "marketplace";

/** Whether no unit's price was lowered by an absolute voucher. */
export const hasNoAbsoluteVoucher = ({ order }: Affair): boolean =>
  order.units.every((unit) => unit.voucherPrice === null);

/** One parcel, one invoice for it, times on its items and all amounts known. */
function isOneParcel({ order, documents }: Affair): boolean {
  return (
    order.shipments.length === 1 &&
    order.cancelledAt === null &&
    order.shippedOn === "item" &&
    order.netKnown &&
    documents.filter((document) => document.kind === "sale").length === 1
  );
}

/** An order with one parcel, no return, no cancelled piece, times on its items and all amounts known. */
export function isPlainSale(affair: Affair): boolean {
  return (
    isOneParcel(affair) &&
    affair.order.credits.length === 0 &&
    affair.order.units.every((unit) => unit.cancelledAt === null)
  );
}

/** The same with one return that both sides credited. */
export function isPlainReturn(affair: Affair): boolean {
  const { order } = affair;
  const [credit] = order.credits;
  return (
    isOneParcel(affair) &&
    order.credits.length === 1 &&
    credit?.kind === "return" &&
    credit.timeOnItem &&
    affair.documents.length === 2 &&
    order.units.every((unit) => unit.cancelledAt === null)
  );
}

/** The same without a return, with some pieces cancelled before the parcel left. */
export function isPartlyCancelled(affair: Affair): boolean {
  return (
    isOneParcel(affair) &&
    affair.order.credits.length === 0 &&
    affair.order.units.some((unit) => unit.cancelledAt !== null)
  );
}

const agreement = new WeakMap<Affair, boolean>();

function agrees(affair: Affair): boolean {
  const known = agreement.get(affair) ?? agreesExactly(affair.order, affair.documents);
  agreement.set(affair, known);
  return known;
}

/** A plain sale on which both sides agree to the cent: whatever differs afterwards is the fault. */
export function isCleanSale(affair: Affair): boolean {
  return isPlainSale(affair) && agrees(affair);
}

/** A return on which both sides agree to the cent, sale and credit. */
export function isCleanReturn(affair: Affair): boolean {
  return isPlainReturn(affair) && agrees(affair);
}

/** The day the goods left. */
export function shippingDate({ order }: Affair): string | null {
  const [first] = order.shipments;
  return first ? dateOf(order, first.at) : null;
}

/** The only invoice of an affair. */
export function onlyInvoice({ documents }: Affair): ErpDocument {
  const invoices = documents.filter((document) => document.kind === "sale");
  const [invoice] = invoices;
  if (!invoice || invoices.length > 1) throw new Error("The sandbox expected an affair with one invoice.");
  return invoice;
}

/** The only credit memo of an affair. */
export function onlyMemo({ documents }: Affair): ErpDocument {
  const memo = documents.find((document) => document.kind === "credit");
  if (!memo) throw new Error("The sandbox expected an affair with a credit memo.");
  return memo;
}

/** A row of the truth with one amount, in the order's own currency; `document` is the ERP's, where it has one. */
export function faultRow(
  cause: PlantedFault["cause"],
  order: SandboxOrder,
  documentKind: "sale" | "credit",
  amount: { period: Month } & Figures,
  document?: ErpDocument,
): PlantedFault {
  const { period, net, tax, gross } = amount;
  return {
    cause,
    entity: order.entity,
    orderReference: order.reference,
    orderId: String(order.id),
    ...(document === undefined ? {} : { erpDocument: document.id }),
    documentKind,
    amounts: [{ period, currency: ENTITIES[order.entity].currency, net, tax, gross }],
  };
}

/** correct − actual of a sale document in its own period. */
export function shortfall(correct: ErpDocument, actual: ErpDocument): { period: Month } & Figures {
  const [is, shouldBe] = [documentTotal(actual), documentTotal(correct)];
  return {
    period: actual.postingDate.slice(0, 7),
    net: shouldBe.net - is.net,
    tax: shouldBe.tax - is.tax,
    gross: shouldBe.gross - is.gross,
  };
}

/** The amount of a document too many, as SCAYLE − ERP. */
export function tooMuch(document: ErpDocument): { period: Month } & Figures {
  return { period: document.postingDate.slice(0, 7), ...negate(documentTotal(document)) };
}

/** The period and figures of a sale that one side lacks. */
export function periodAmount(order: SandboxOrder, at: number, figures: Figures): { period: Month } & Figures {
  return { period: periodOf(order, at), ...figures };
}

/** A second document with the same contents under its own identity. */
export function another(document: ErpDocument, role: string, daysLater: number): ErpDocument {
  const postedAt = (document.postedAt ?? 0) + daysLater * DAY;
  return {
    ...document,
    id: makeGuid("document", document.id, role),
    draftedAt: null,
    postedAt,
    paidAt: null,
  };
}

/** The invoice, cancelled, and the memo that undoes it on the same posting date. */
export function reversed(invoice: ErpDocument): [ErpDocument, ErpDocument] {
  const memo = another({ ...invoice, kind: "credit" }, "reversal", 2);
  return [
    { ...invoice, paidAt: null, canceledAt: memo.postedAt },
    { ...memo, invoiceId: invoice.id, reverses: true },
  ];
}

/** A wrong invoice put right: credited in full, and made anew. */
export function invoicedAnew(correct: ErpDocument, wrong: ErpDocument): ErpDocument[] {
  return [...reversed(wrong), another(correct, "anew", 2)];
}
