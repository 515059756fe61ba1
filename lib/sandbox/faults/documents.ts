import { add, type Figures, NOTHING, negate } from "@/lib/sandbox/arithmetic";
import { chargedFor } from "@/lib/sandbox/basket";
import { addDays, addMonths, DAY, HOUR, MINUTE } from "@/lib/sandbox/calendar";
import { feeFigures, unitFigures } from "@/lib/sandbox/cost";
import {
  another,
  dateOf,
  type FaultPlan,
  faultRow,
  invoicedAnew,
  isCleanReturn,
  isCleanSale,
  isMarketplace,
  isPlainSale,
  onlyInvoice,
  periodAmount,
  reversed,
  shippingDate,
  tooMuch,
} from "@/lib/sandbox/faults/plan";
import type { Affair, Credit, ErpDocument, PlantedFault, SandboxOrder } from "@/lib/sandbox/model";
import { documentTotal, linesFor, post, taxLines } from "@/lib/sandbox/postings";

/** What SCAYLE sold with the order, all of it. */
export function soldFigures(order: SandboxOrder): Figures {
  return add(...order.units.map(unitFigures), ...order.fees.map(feeFigures));
}

/** Shipped in SCAYLE; the ERP never heard of it. Put right by posting it late under the right date. */
export const saleMissingInErp: FaultPlan = {
  name: "sale-missing-in-erp",
  season: "within",
  fits: (affair) => (isCleanSale(affair) ? shippingDate(affair) : null),
  plant: (affair) => {
    const { order } = affair;
    const amount = periodAmount(order, order.shipments[0]?.at ?? 0, soldFigures(order));
    return { order, documents: [], truth: [faultRow("sale-missing-in-erp", order, "sale", amount)] };
  },
  resolve: (affair) => ({
    ...affair,
    documents: [another(onlyInvoice(affair), "late", 3)],
    truth: [],
  }),
};

/** An order that can't be read; the ERP refused it as well. */
export const recordFailed: FaultPlan = {
  name: "record-failed",
  season: "within",
  fits: (affair) => (isCleanSale(affair) && !isMarketplace(affair) ? shippingDate(affair) : null),
  plant: ({ order }) => {
    const row = faultRow("record-failed", order, "sale", { period: "", ...NOTHING });
    return { order: { ...order, broken: true }, documents: [], truth: [{ ...row, amounts: [] }] };
  },
  resolve: (affair) => ({
    ...affair,
    documents: [another(onlyInvoice(affair), "late", 3)],
    truth: [],
  }),
};

/** An invoice whose reference no order has. The order it was copied from stays as it is. */
export const saleMissingInScayle: FaultPlan = {
  name: "sale-missing-in-scayle",
  season: "within",
  fits: (affair) => (isCleanSale(affair) && !affair.order.voucher ? shippingDate(affair) : null),
  plant: (affair) => {
    const stranger = strangerLike(affair);
    const row = faultRow("sale-missing-in-scayle", affair.order, "sale", tooMuch(stranger), stranger);
    return {
      ...affair,
      documents: [...affair.documents, stranger],
      truth: [{ ...row, orderReference: stranger.reference, orderId: null }],
    };
  },
  resolve: (affair) => {
    const stranger = strangerLike(affair);
    return { ...affair, documents: [...affair.documents, ...reversed(stranger)], truth: [] };
  },
};

/**
 * An invoice for goods of the same kind under a reference that nobody has: orders of the sandbox have eight digits that
 * begin with 1, this one's begin with 7. Quantities and hour differ too, or it could as well be a duplicate.
 */
function strangerLike(affair: Affair): ErpDocument {
  const { order } = affair;
  const items = onlyInvoice(affair).lines.filter((line) => line.kind === "Item" && line.discount === 0n);
  const lines = items.map((line) => ({ ...line, quantity: 2n * line.quantity, gross: 2n * line.gross }));
  return {
    ...another(onlyInvoice(affair), "stranger", 0.25),
    reference: `${order.outlet.referencePrefix}-7${String(order.id).slice(1)}`,
    lines: taxLines(lines),
  };
}

/** The same invoice posted a second time under another number. */
export const duplicateInErp: FaultPlan = {
  name: "duplicate-in-erp",
  season: "within",
  fits: (affair) => (isPlainSale(affair) ? shippingDate(affair) : null),
  plant: (affair) => {
    const second = another(onlyInvoice(affair), "second", 0.25);
    return {
      ...affair,
      documents: [...affair.documents, second],
      truth: [faultRow("duplicate-in-erp", affair.order, "sale", tooMuch(second), second)],
    };
  },
  resolve: (affair) => {
    const second = another(onlyInvoice(affair), "second", 0.25);
    return { ...affair, documents: [...affair.documents, ...reversed(second)], truth: [] };
  },
};

function invoiceForCancelled(order: SandboxOrder): ErpDocument {
  const at = (order.cancelledAt ?? order.createdAt) + 3 * HOUR;
  const lines = linesFor(order, order.units, order.fees);
  const invoice = post({ order, role: "invoice-0", kind: "sale", at, lines });
  return { ...invoice, draftedAt: null };
}

/** Cancelled before anything was shipped, and invoiced all the same. */
export const cancelledButInvoiced: FaultPlan = {
  name: "cancelled-but-invoiced",
  season: "within",
  fits: ({ order, documents }) =>
    order.cancelledAt !== null && documents.length === 0 && order.netKnown
      ? dateOf(order, order.cancelledAt + 3 * HOUR)
      : null,
  plant: (affair) => {
    const invoice = invoiceForCancelled(affair.order);
    const truth = faultRow("cancelled-but-invoiced", affair.order, "sale", tooMuch(invoice), invoice);
    return { ...affair, documents: [invoice], truth: [truth] };
  },
  resolve: (affair) => ({
    ...affair,
    documents: reversed(invoiceForCancelled(affair.order)),
    truth: [],
  }),
};

/** Goods came back and SCAYLE credited them; the ERP did not. */
export const creditMissingInErp: FaultPlan = {
  name: "credit-missing-in-erp",
  season: "within",
  fits: (affair) => (isCleanReturn(affair) ? dateOf(affair.order, affair.order.credits[0]?.at ?? 0) : null),
  plant: ({ order, documents }) => {
    const [credit] = order.credits;
    const fee = credit?.refundsShipping ? order.fees.filter((one) => one.kind === "shipping") : [];
    const units = order.units.filter((unit) => unit.credit === 0);
    const figures = negate(add(...units.map(unitFigures), ...fee.map(feeFigures)));
    return {
      order,
      documents: documents.filter((document) => document.kind === "sale"),
      truth: [
        faultRow("credit-missing-in-erp", order, "credit", periodAmount(order, credit?.at ?? 0, figures)),
      ],
    };
  },
  resolve: ({ order, documents }) => ({
    order,
    documents: documents.map((one) => (one.kind === "sale" ? one : another(one, "late", 3))),
    truth: [],
  }),
};

/** One piece that the ERP credits some days after the sale, at an hour that follows from the order. */
function failedCredit(affair: Affair): { memo: ErpDocument; at: number } {
  const { order } = affair;
  const at = (order.shipments[0]?.at ?? 0) + (4 + (order.id % 6)) * DAY;
  const lines = linesFor(order, creditedUnits(order), []);
  const memo = post({ order, role: "memo-0", kind: "credit", at, lines, invoiceId: onlyInvoice(affair).id });
  return { memo, at };
}

const creditedUnits = (order: SandboxOrder) =>
  order.units.filter((unit) => unit.voucherPrice === null).slice(0, 1);

/** The ERP credited a piece; the refund never became a credit note in SCAYLE, where the piece still counts as sold. */
export const creditNoteFailed: FaultPlan = {
  name: "credit-note-failed",
  season: "within",
  fits: (affair) => {
    const { order } = affair;
    const fitting = !isMarketplace(affair) && isPlainSale(affair) && order.units.length > 1;
    const [unit] = creditedUnits(order);
    if (!fitting || !unit || chargedFor(unit) === 0n) return null;
    return dateOf(order, failedCredit(affair).at);
  },
  plant: (affair) => {
    const { memo } = failedCredit(affair);
    const amount = { period: memo.postingDate.slice(0, 7), ...documentTotal(memo) };
    return {
      ...affair,
      documents: [...affair.documents, memo],
      truth: [faultRow("credit-note-failed", affair.order, "credit", amount, memo)],
    };
  },
  resolve: (affair) => {
    const { memo, at } = failedCredit(affair);
    const back = creditedUnits(affair.order).map((unit) => unit.id);
    const credit: Credit = { at, kind: "return", refundsShipping: false, timeOnItem: true };
    const units = affair.order.units.map((unit) => (back.includes(unit.id) ? { ...unit, credit: 0 } : unit));
    return {
      order: { ...affair.order, units, credits: [credit] },
      documents: [...affair.documents, memo],
      truth: [],
    };
  },
};

/** Where a sale at the edge of a month is posted wrongly: early ones in the month before, late ones in the next. */
function edgeDate(date: string): string | null {
  const day = Number(date.slice(8));
  const month = date.slice(0, 7);
  if (day <= 2) return addDays(`${month}-01`, -1);
  return day >= 28 ? `${addMonths(month, 1)}-01` : null;
}

/** The local date of a sale that could be posted in the month next to its own. */
export function edgeOf(affair: Affair): string | null {
  const date = shippingDate(affair);
  return date !== null && edgeDate(date) !== null ? date : null;
}

/** An invoice of the affair, posted in the month next to the sale's own. */
export function inOtherMonth(affair: Affair, invoice: ErpDocument): ErpDocument {
  const postingDate = edgeDate(shippingDate(affair) ?? "") ?? invoice.postingDate;
  const noon = Date.parse(`${postingDate}T10:00:00Z`) + (affair.order.id % 50) * MINUTE;
  const postedAt = Math.max(invoice.postedAt ?? 0, noon);
  return { ...invoice, postingDate, postedAt, paidAt: null, draftedAt: null };
}

/** The row about an invoice in the wrong month: + in SCAYLE's month, − in the ERP's. */
export function cutOffRow({ order }: Affair, moved: ErpDocument): PlantedFault {
  const own = periodAmount(order, order.shipments[0]?.at ?? 0, documentTotal(moved));
  const row = faultRow("cut-off", order, "sale", own, moved);
  const other = faultRow("cut-off", order, "sale", tooMuch(moved), moved);
  return { ...row, amounts: [...row.amounts, ...other.amounts] };
}

/** Both sides agree on everything but the month. */
export const cutOff: FaultPlan = {
  name: "cut-off",
  season: "edge",
  fits: (affair) => (isCleanSale(affair) ? edgeOf(affair) : null),
  plant: (affair) => {
    const moved = inOtherMonth(affair, onlyInvoice(affair));
    return { ...affair, documents: [moved], truth: [cutOffRow(affair, moved)] };
  },
  // Nothing to put right: the two months clear each other.
  resolve: (affair, tools) => cutOff.plant(affair, tools),
};

/** The same figures, posted in the other entity's currency. */
function inOtherCurrency(invoice: ErpDocument): ErpDocument {
  return { ...invoice, currency: invoice.currency === "EUR" ? "GBP" : "EUR" };
}

/** The ERP posted the sale's figures in another currency: + in the right one, − in the wrong one. */
export const currencyWrong: FaultPlan = {
  name: "currency-wrong",
  season: "within",
  fits: (affair) => (isCleanSale(affair) && !isMarketplace(affair) ? shippingDate(affair) : null),
  plant: (affair) => {
    const invoice = onlyInvoice(affair);
    const actual = inOtherCurrency(invoice);
    const right = { period: actual.postingDate.slice(0, 7), ...documentTotal(invoice) };
    const row = faultRow("currency-wrong", affair.order, "sale", right, actual);
    const amounts = [...row.amounts, { ...tooMuch(actual), currency: actual.currency }];
    return { ...affair, documents: [actual], truth: [{ ...row, amounts }] };
  },
  resolve: (affair) => {
    const invoice = onlyInvoice(affair);
    return { ...affair, documents: invoicedAnew(invoice, inOtherCurrency(invoice)), truth: [] };
  },
};
