import {
  amountOf,
  type Edit,
  type EditMaker,
  placeEdits,
  type Site,
  withEdits,
} from "@/lib/sandbox/faults/edits";
import {
  another,
  type FaultPlan,
  type FaultTools,
  faultRow,
  hasNoAbsoluteVoucher,
  invoicedAnew,
  isCleanSale,
  isMarketplace,
  isPlainReturn,
  isPlainSale,
  onlyInvoice,
  onlyMemo,
  shippingDate,
  shortfall,
} from "@/lib/sandbox/faults/plan";
import { anotherAllocation } from "@/lib/sandbox/faults/vouchers";
import {
  anotherItem,
  anotherPrice,
  anotherQuantity,
  anotherRefund,
  anotherShippingTax,
  anotherTaxCode,
  noShipping,
} from "@/lib/sandbox/faults/wrong-lines";
import type { Affair, ErpDocument, ErpLine, PlantedFault } from "@/lib/sandbox/model";
import { taxLines } from "@/lib/sandbox/postings";

const siteOf = ({ order }: Affair, document: ErpDocument, tools: FaultTools): Omit<Site, "taken"> => ({
  order,
  document,
  random: tools.random(),
  catalogue: tools.catalogue,
});

/** The edits that the makers find room for on a document, each on lines of its own, or null. */
export function editsOn(
  affair: Affair,
  document: ErpDocument,
  makers: readonly EditMaker[],
  tools: FaultTools,
): readonly [Edit, ...Edit[]] | null {
  return placeEdits(makers, siteOf(affair, document, tools));
}

/** Rows of the truth about a document's edits. */
export function editRows(
  { order }: Affair,
  correct: ErpDocument,
  edits: readonly Edit[],
  period = correct.postingDate.slice(0, 7),
): PlantedFault[] {
  return edits.map((edit) =>
    faultRow(edit.cause, order, correct.kind, { period, ...amountOf(correct, edit) }, correct),
  );
}

/** The edits, which were found before, or an error: a fault is only planted where it fits. */
export function certainly<T>(edits: T | null): T {
  if (edits === null) throw new Error("The sandbox found no place for a fault that fitted before.");
  return edits;
}

/** Whether the sale is a plain one of a shop or a till, without an absolute voucher. */
export const canBearEdits = (affair: Affair): boolean =>
  !isMarketplace(affair) && hasNoAbsoluteVoucher(affair) && isPlainSale(affair);

/** Faults of the invoice's own lines: put right by crediting the invoice in full and making it anew. */
export function invoiceFault(
  name: string,
  makers: readonly EditMaker[],
  suits: (affair: Affair) => boolean = canBearEdits,
): FaultPlan {
  const find = (affair: Affair, tools: FaultTools) => editsOn(affair, onlyInvoice(affair), makers, tools);
  const actual = (affair: Affair, tools: FaultTools) =>
    withEdits(onlyInvoice(affair), certainly(find(affair, tools)));
  return {
    name,
    season: "within",
    fits: (affair, tools) => (suits(affair) && find(affair, tools) ? shippingDate(affair) : null),
    plant: (affair, tools) => ({
      ...affair,
      documents: [actual(affair, tools)],
      truth: editRows(affair, onlyInvoice(affair), certainly(find(affair, tools))),
    }),
    resolve: (affair, tools) => ({
      ...affair,
      documents: invoicedAnew(onlyInvoice(affair), actual(affair, tools)),
      truth: [],
    }),
  };
}

/** The local date of a memo that can bear faults, if its goods came back within the month they were sold in. */
export function refundDate(affair: Affair): string | null {
  if (isMarketplace(affair) || !hasNoAbsoluteVoucher(affair) || !isPlainReturn(affair)) return null;
  return onlyMemo(affair).postingDate;
}

/** Faults of the credit memo's own lines: the wrong memo is taken back and made anew, a little later. */
export function memoFault(name: string, makers: readonly EditMaker[]): FaultPlan {
  const find = (affair: Affair, tools: FaultTools) => editsOn(affair, onlyMemo(affair), makers, tools);
  return {
    name,
    season: "within",
    fits: (affair, tools) => {
      const date = refundDate(affair);
      return date !== null && find(affair, tools) ? date : null;
    },
    plant: (affair, tools) => {
      const memo = onlyMemo(affair);
      const edits = certainly(find(affair, tools));
      const documents = affair.documents.map((one) => (one === memo ? withEdits(memo, edits) : one));
      return { ...affair, documents, truth: editRows(affair, memo, edits) };
    },
    resolve: (affair) => {
      const memo = onlyMemo(affair);
      const documents = affair.documents.map((one) => (one === memo ? another(memo, "late", 3) : one));
      return { ...affair, documents, truth: [] };
    },
  };
}

const bearsVoucher = (affair: Affair) =>
  !isMarketplace(affair) && !hasNoAbsoluteVoucher(affair) && isPlainSale(affair);

export const priceWrong = invoiceFault("price-wrong", [anotherPrice]);
export const quantityWrong = invoiceFault("quantity-wrong", [anotherQuantity]);
export const taxCodeWrong = invoiceFault("tax-code-wrong", [anotherTaxCode]);
export const itemWrong = invoiceFault("item-wrong", [anotherItem]);
export const shippingMissing = invoiceFault("shipping-missing", [noShipping]);
export const shippingTaxBasis = invoiceFault("shipping-tax-basis", [anotherShippingTax]);
export const voucherAllocation = invoiceFault("voucher-allocation", [anotherAllocation], bearsVoucher);
export const voucherAndShipping = invoiceFault(
  "voucher-allocation+shipping-missing",
  [anotherAllocation, noShipping],
  bearsVoucher,
);
export const refundAmountWrong = memoFault("refund-amount-wrong", [anotherRefund]);
export const shippingNotRefunded = memoFault("shipping-missing-in-memo", [noShipping]);

/** The ERP invoices a marketplace order without any tax code: the gross is right, the tax is missing. */
export const taxCodeMissing: FaultPlan = {
  name: "tax-code-missing",
  season: "within",
  fits: (affair) => (isMarketplace(affair) && isCleanSale(affair) ? shippingDate(affair) : null),
  plant: (affair) => {
    const invoice = onlyInvoice(affair);
    const actual = withoutTaxCodes(invoice);
    const truth = faultRow("tax-code-missing", affair.order, "sale", shortfall(invoice, actual), actual);
    return { ...affair, documents: [actual], truth: [truth] };
  },
  resolve: (affair) => {
    const invoice = onlyInvoice(affair);
    return { ...affair, documents: invoicedAnew(invoice, withoutTaxCodes(invoice)), truth: [] };
  },
};

function withoutTaxCodes(invoice: ErpDocument): ErpDocument {
  return {
    ...invoice,
    lines: taxLines(invoice.lines.map((line) => ({ ...line, rate: 0n, taxCode: "" }))),
  };
}

/** Item lines that are alone at their rate in the document, so that their tax depends on nothing else. */
function lonelyLine(invoice: ErpDocument): ErpLine | undefined {
  return invoice.lines.find(
    (line) =>
      line.kind === "Item" &&
      line.rate > 0n &&
      invoice.lines.filter((other) => other.rate === line.rate).length === 1,
  );
}

/** A line that nothing known explains: neither quantity × price nor tax at its rate. */
export const unknownCause: FaultPlan = {
  name: "unexplained",
  season: "within",
  fits: (affair) =>
    canBearEdits(affair) && isCleanSale(affair) && lonelyLine(onlyInvoice(affair))
      ? shippingDate(affair)
      : null,
  plant: (affair) => {
    const invoice = onlyInvoice(affair);
    const line = lonelyLine(invoice);
    if (!line) throw new Error("The sandbox found no taxed line to spoil.");
    const [gross, tax] = [line.gross + 137n, line.tax - 3n];
    const spoilt = { ...line, gross, tax, net: gross - tax };
    const lines = invoice.lines.map((one) => (one === line ? spoilt : one));
    const actual = { ...invoice, lines };
    const truth = faultRow("unexplained", affair.order, "sale", shortfall(invoice, actual), actual);
    return { ...affair, documents: [actual], truth: [truth] };
  },
  resolve: (affair) => ({ ...affair, truth: [] }),
};
