import { type Figures, negate } from "@/lib/sandbox/arithmetic";
import type { Month } from "@/lib/sandbox/calendar";
import { DAY, localDate } from "@/lib/sandbox/calendar";
import { agreesExactly, periodOf } from "@/lib/sandbox/figures";
import type { Affair, ErpDocument, FaultName, PlantedFault, SandboxOrder } from "@/lib/sandbox/model";
import { documentTotal } from "@/lib/sandbox/postings";
import { makeGuid, type Random } from "@/lib/sandbox/random";
import { ENTITIES } from "@/lib/sandbox/retailer";

/** What a fault may use: choices of its own, document numbers of its own, the months it may fall into. */
export type FaultTools = {
  random: Random;
  nextNumber: (like: ErpDocument) => string;
  anchor: Month;
};

export type Planting = Affair & { truth: PlantedFault[] };

/** One kind of fault: which orders can bear it so that no other explanation holds, how it looks, how people put it right. */
export type FaultPlan = {
  cause: FaultName | "unexplained";
  /** The local date by which the fault is spread over the months, or null when the affair can't bear it. */
  fits(affair: Affair): string | null;
  plant(affair: Affair, tools: FaultTools): Planting;
  /** The same once somebody has put it right at its source, in the same month. */
  resolve(affair: Affair, tools: FaultTools): Planting;
};

/** The local date of an instant in the order's books. */
export function dateOf(order: SandboxOrder, at: number): string {
  return localDate(at, ENTITIES[order.entity].timeZone);
}

/** An order with one parcel, no return, no cancelled piece, times on its items and all amounts known. */
export function isPlainSale({ order, documents }: Affair): boolean {
  return (
    order.shipments.length === 1 &&
    order.credits.length === 0 &&
    order.units.every((unit) => unit.cancelledAt === null) &&
    order.shippedOn === "item" &&
    order.netKnown &&
    documents.length === 1
  );
}

/** A plain sale on which both sides agree to the cent: whatever differs afterwards is the fault. */
export function isCleanSale(affair: Affair): boolean {
  return isPlainSale(affair) && agreesExactly(affair.order, affair.documents);
}

/** The day the goods left. */
export function shippingDate({ order }: Affair): string | null {
  const [first] = order.shipments;
  return first ? dateOf(order, first.at) : null;
}

/** The only invoice of an affair. */
export function onlyInvoice({ documents }: Affair): ErpDocument {
  const [invoice] = documents;
  if (invoice?.kind !== "sale") throw new Error("The sandbox expected an affair with an invoice.");
  return invoice;
}

/** A row of the truth with one amount. */
export function faultRow(
  cause: PlantedFault["cause"],
  order: SandboxOrder,
  documentKind: "sale" | "credit",
  amount: { period: Month } & Figures,
  erpDocument?: string,
): PlantedFault {
  const { period, net, tax, gross } = amount;
  return {
    cause,
    entity: order.entity,
    orderReference: order.reference,
    orderId: String(order.id),
    ...(erpDocument === undefined ? {} : { erpDocument }),
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

/** A second document with the same contents under its own identity and number. */
export function another(
  document: ErpDocument,
  role: string,
  tools: FaultTools,
  daysLater: number,
): ErpDocument {
  const postedAt = (document.postedAt ?? 0) + daysLater * DAY;
  return {
    ...document,
    id: makeGuid("document", document.id, role),
    number: tools.nextNumber(document),
    draftedAt: null,
    postedAt,
    paidAt: null,
  };
}

/** The invoice, cancelled, and the memo that undoes it on the same posting date. */
export function reversed(invoice: ErpDocument, tools: FaultTools): [ErpDocument, ErpDocument] {
  const memo = another({ ...invoice, kind: "credit" }, "reversal", tools, 2);
  return [
    { ...invoice, paidAt: null, canceledAt: memo.postedAt },
    { ...memo, invoiceId: invoice.id, reverses: true },
  ];
}
