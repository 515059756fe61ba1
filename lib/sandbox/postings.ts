import { type Figures, taxWithin } from "@/lib/sandbox/arithmetic";
import { chargedFor } from "@/lib/sandbox/basket";
import { DAY, HOUR, localDate, MINUTE, SECOND } from "@/lib/sandbox/calendar";
import type { ErpDocument, ErpLine, Fee, SandboxOrder, Unit } from "@/lib/sandbox/model";
import { makeGuid, makeRandom } from "@/lib/sandbox/random";
import { ENTITIES, PAYMENT_FEE_ACCOUNT, SHIPPING_ACCOUNT, taxCodeFor } from "@/lib/sandbox/retailer";

export type UntaxedLine = Omit<ErpLine, "net" | "tax" | "gross"> & Pick<ErpLine, "gross">;

/**
 * The ERP's tax: rounded once per document and rate, then handed to the lines in their order, each taking what is due
 * up to and including itself. So the lines always foot to the document.
 */
export function taxLines(lines: readonly UntaxedLine[]): ErpLine[] {
  const soFar = new Map<bigint, { gross: bigint; tax: bigint }>();
  return lines.map((line) => {
    const before = soFar.get(line.rate) ?? { gross: 0n, tax: 0n };
    const gross = before.gross + line.gross;
    const taxUntilHere = taxWithin(gross, line.rate);
    soFar.set(line.rate, { gross, tax: taxUntilHere });
    const tax = taxUntilHere - before.tax;
    return { ...line, tax, net: line.gross - tax };
  });
}

/** Units of one SKU and price become one line with a quantity; fees become account lines. */
export function linesFor(order: SandboxOrder, units: readonly Unit[], fees: readonly Fee[]): ErpLine[] {
  const items = new Map<string, UntaxedLine>();
  for (const unit of units) {
    const charged = chargedFor(unit);
    const key = `${unit.variant.sku}/${unit.price}/${charged}`;
    const line = items.get(key);
    items.set(key, {
      kind: "Item",
      number: unit.variant.sku,
      description: unit.variant.name,
      quantity: (line?.quantity ?? 0n) + 1n,
      unitPrice: unit.price,
      discount: (line?.discount ?? 0n) + unit.price - charged,
      rate: unit.rate,
      taxCode: taxCodeFor(order.shop, unit.rate),
      gross: (line?.gross ?? 0n) + charged,
    });
  }
  const charges = fees.map(
    (fee): UntaxedLine => ({
      kind: "Account",
      number: fee.kind === "shipping" ? SHIPPING_ACCOUNT : PAYMENT_FEE_ACCOUNT,
      description: fee.kind === "shipping" ? "Shipping" : "Payment fee",
      quantity: 1n,
      unitPrice: fee.gross,
      discount: 0n,
      rate: fee.rate,
      taxCode: taxCodeFor(order.shop, fee.rate),
      gross: fee.gross,
    }),
  );
  return taxLines([...items.values(), ...charges]);
}

export type Posting = {
  order: SandboxOrder;
  /** What the document is for, unique within the order: its identity follows from it. */
  role: string;
  kind: ErpDocument["kind"];
  /** When the goods left or came back. */
  at: number;
  lines: ErpLine[];
  invoiceId?: string | null;
};

/** Posts a document one to thirty hours after what it is about, dated by the books' own calendar. */
export function post({ order, role, kind, at, lines, invoiceId = null }: Posting): ErpDocument {
  const random = makeRandom("posting", order.id, order.reference, role);
  const postedAt = at + random.integer(1 * 3_600, 30 * 3_600) * SECOND;
  return {
    id: makeGuid("document", order.entity, order.id, role),
    number: "",
    entity: order.entity,
    currency: ENTITIES[order.entity].currency,
    kind,
    reference: order.reference,
    postingDate: localDate(at, ENTITIES[order.entity].timeZone),
    draftedAt: random.chance(0.05) ? at + 20 * MINUTE : null,
    postedAt,
    paidAt: random.chance(0.6) ? postedAt + random.integer(2, 9) * DAY : null,
    canceledAt: null,
    invoiceId,
    reverses: false,
    lines,
  };
}

/** The ERP documents that a faultless integration makes for an order: an invoice per parcel, a memo per return. */
export function naturalDocuments(order: SandboxOrder): ErpDocument[] {
  const invoices = order.shipments.map((shipment, index) => {
    const units = order.units.filter((unit) => unit.shipment === index);
    const lines = linesFor(order, units, index === 0 ? order.fees : []);
    return post({ order, role: `invoice-${index}`, kind: "sale", at: shipment.at, lines });
  });
  const memos = order.credits.map((credit, index) => {
    const units = order.units.filter((unit) => unit.credit === index);
    const fees = credit.refundsShipping ? order.fees.filter((fee) => fee.kind === "shipping") : [];
    const invoiceId = invoices[units[0]?.shipment ?? 0]?.id ?? null;
    return post({
      order,
      role: `memo-${index}`,
      kind: "credit",
      at: credit.at,
      lines: linesFor(order, units, fees),
      invoiceId,
    });
  });
  return [...invoices, ...memos, ...forgottenDrafts(order)];
}

/** Somebody began an invoice for a cancelled or unpaid order and never posted it. */
function forgottenDrafts(order: SandboxOrder): ErpDocument[] {
  if (order.shipments.length > 0 || !makeRandom("draft", order.id).chance(0.25)) return [];
  const at = order.createdAt + HOUR;
  const lines = linesFor(order, order.units, order.fees);
  const draft = post({ order, role: "draft", kind: "sale", at, lines });
  return [{ ...draft, draftedAt: at, postedAt: null, paidAt: null }];
}

/** The totals of a document's lines. */
export function documentTotal(document: ErpDocument): Figures {
  return document.lines.reduce<Figures>(
    (sum, line) => ({ net: sum.net + line.net, tax: sum.tax + line.tax, gross: sum.gross + line.gross }),
    { net: 0n, tax: 0n, gross: 0n },
  );
}
