import { cutOffRow, edgeOf, inOtherMonth } from "@/lib/sandbox/faults/documents";
import { type EditMaker, withEdits } from "@/lib/sandbox/faults/edits";
import {
  canBearEdits,
  certainly,
  editRows,
  editsOn,
  invoiceFault,
  memoFault,
  refundDate,
} from "@/lib/sandbox/faults/lines";
import {
  another,
  type FaultPlan,
  type FaultTools,
  faultRow,
  invoicedAnew,
  isPartlyCancelled,
  onlyInvoice,
  onlyMemo,
  reversed,
  shippingDate,
  tooMuch,
} from "@/lib/sandbox/faults/plan";
import { notRecalculated, taxNotRecalculated } from "@/lib/sandbox/faults/stale-cost";
import {
  anotherItem,
  anotherPrice,
  anotherQuantity,
  anotherRefund,
  anotherShippingTax,
  anotherTaxCode,
  noShipping,
} from "@/lib/sandbox/faults/wrong-lines";
import { periodOf } from "@/lib/sandbox/figures";
import type { Affair } from "@/lib/sandbox/model";

const invoiceEdits = (affair: Affair, makers: readonly EditMaker[], tools: FaultTools) =>
  editsOn(affair, onlyInvoice(affair), makers, tools);

/** An invoice with wrong lines that was posted twice as it is. */
function postedTwice(name: string, makers: readonly EditMaker[]): FaultPlan {
  const wrong = (affair: Affair, tools: FaultTools) => {
    const edits = certainly(invoiceEdits(affair, makers, tools));
    const actual = withEdits(onlyInvoice(affair), edits);
    return { edits, actual, second: another(actual, "second", 0.25) };
  };
  return {
    name,
    season: "within",
    fits: (affair, tools) =>
      canBearEdits(affair) && invoiceEdits(affair, makers, tools) ? shippingDate(affair) : null,
    plant: (affair, tools) => {
      const { edits, actual, second } = wrong(affair, tools);
      const twice = faultRow("duplicate-in-erp", affair.order, "sale", tooMuch(second), second);
      return {
        ...affair,
        documents: [actual, second],
        truth: [...editRows(affair, onlyInvoice(affair), edits), twice],
      };
    },
    resolve: (affair, tools) => {
      const { actual, second } = wrong(affair, tools);
      const documents = [...invoicedAnew(onlyInvoice(affair), actual), ...reversed(second)];
      return { ...affair, documents, truth: [] };
    },
  };
}

/** Wrong lines in the invoice and others in the credit memo of one order. */
function soldAndRefunded(
  name: string,
  ofInvoice: readonly EditMaker[],
  ofMemo: readonly EditMaker[],
): FaultPlan {
  const onMemo = (affair: Affair, tools: FaultTools) => editsOn(affair, onlyMemo(affair), ofMemo, tools);
  return {
    name,
    season: "within",
    fits: (affair, tools) => {
      const date = refundDate(affair);
      const sold = shippingDate(affair);
      if (date === null || sold === null || date.slice(0, 7) !== sold.slice(0, 7)) return null;
      return invoiceEdits(affair, ofInvoice, tools) && onMemo(affair, tools) ? date : null;
    },
    plant: (affair, tools) => {
      const [invoice, memo] = [onlyInvoice(affair), onlyMemo(affair)];
      const inInvoice = certainly(invoiceEdits(affair, ofInvoice, tools));
      const inMemo = certainly(onMemo(affair, tools));
      return {
        ...affair,
        documents: [withEdits(invoice, inInvoice), withEdits(memo, inMemo)],
        truth: [...editRows(affair, invoice, inInvoice), ...editRows(affair, memo, inMemo)],
      };
    },
    resolve: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const wrong = withEdits(invoice, certainly(invoiceEdits(affair, ofInvoice, tools)));
      const documents = [...invoicedAnew(invoice, wrong), another(onlyMemo(affair), "late", 3)];
      return { ...affair, documents, truth: [] };
    },
  };
}

/** SCAYLE's cost was not recalculated after a cancellation, and the ERP's invoice has wrong lines besides. */
function staleAndWrong(name: string, makers: readonly EditMaker[]): FaultPlan {
  return {
    name,
    season: "within",
    fits: (affair, tools) => {
      if (!isPartlyCancelled(affair)) return null;
      const date = notRecalculated(affair, tools)?.date ?? null;
      return date !== null && invoiceEdits(affair, makers, tools) ? date : null;
    },
    plant: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const edits = certainly(invoiceEdits(affair, makers, tools));
      const { order, truth } = taxNotRecalculated.plant(affair, tools);
      return {
        order,
        documents: [withEdits(invoice, edits)],
        truth: [...truth, ...editRows(affair, invoice, edits)],
      };
    },
    resolve: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const wrong = withEdits(invoice, certainly(invoiceEdits(affair, makers, tools)));
      const { order } = taxNotRecalculated.resolve(affair, tools);
      return { order, documents: invoicedAnew(invoice, wrong), truth: [] };
    },
  };
}

/** An invoice with wrong lines in the month next to its own: its lines are put right, the month clears itself. */
function movedAndWrong(name: string, makers: readonly EditMaker[]): FaultPlan {
  return {
    name,
    season: "edge",
    fits: (affair, tools) =>
      canBearEdits(affair) && invoiceEdits(affair, makers, tools) ? edgeOf(affair) : null,
    plant: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const edits = certainly(invoiceEdits(affair, makers, tools));
      const moved = inOtherMonth(affair, withEdits(invoice, edits));
      const month = periodOf(affair.order, affair.order.shipments[0]?.at ?? 0);
      const truth = [cutOffRow(affair, moved), ...editRows(affair, invoice, edits, month)];
      return { ...affair, documents: [moved], truth };
    },
    resolve: (affair) => {
      const moved = inOtherMonth(affair, onlyInvoice(affair));
      return { ...affair, documents: [moved], truth: [cutOffRow(affair, moved)] };
    },
  };
}

/** Two or three faults on one order at once, on different lines or documents; the choosiest first. */
export const STACKS: readonly FaultPlan[] = [
  invoiceFault("item-wrong+shipping-tax-basis", [anotherShippingTax, anotherItem]),
  soldAndRefunded("price-wrong+refund-amount-wrong", [anotherPrice], [anotherRefund]),
  memoFault("refund-amount-wrong+shipping-missing", [anotherRefund, noShipping]),
  staleAndWrong("tax-not-recalculated+price-wrong", [anotherPrice]),
  movedAndWrong("cut-off+price-wrong", [anotherPrice]),
  invoiceFault("tax-code-wrong+price-wrong+shipping-missing", [anotherTaxCode, anotherPrice, noShipping]),
  invoiceFault("tax-code-wrong+quantity-wrong", [anotherTaxCode, anotherQuantity]),
  invoiceFault("price-wrong+quantity-wrong+item-wrong", [anotherPrice, anotherQuantity, anotherItem]),
  invoiceFault("price-wrong+shipping-missing", [anotherPrice, noShipping]),
  postedTwice("duplicate-in-erp+price-wrong", [anotherPrice]),
  postedTwice("duplicate-in-erp+item-wrong+tax-code-wrong", [anotherItem, anotherTaxCode]),
];
