import {
  another,
  type FaultPlan,
  type FaultTools,
  faultRow,
  isCleanSale,
  onlyInvoice,
  reversed,
  shippingDate,
  shortfall,
} from "@/lib/sandbox/faults/plan";
import type { Affair, ErpDocument, ErpLine, FaultName } from "@/lib/sandbox/model";
import { taxLines } from "@/lib/sandbox/postings";

type Spoil = (invoice: ErpDocument, tools: FaultTools) => ErpDocument;

/** Item lines that are alone at their rate in the document, so that their tax depends on nothing else. */
function lonelyLines(invoice: ErpDocument): ErpLine[] {
  return invoice.lines.filter(
    (line) => line.kind === "Item" && invoice.lines.filter((other) => other.rate === line.rate).length === 1,
  );
}

function canSpoilLine(affair: Affair): string | null {
  const { order } = affair;
  const fitting =
    order.outlet.channel?.type !== "marketplace" &&
    order.units.every((unit) => unit.voucherPrice === null) &&
    isCleanSale(affair) &&
    lonelyLines(onlyInvoice(affair)).length > 0;
  return fitting ? shippingDate(affair) : null;
}

function replaceLine(invoice: ErpDocument, line: ErpLine, by: ErpLine): ErpDocument {
  return { ...invoice, lines: invoice.lines.map((one) => (one === line ? by : one)) };
}

/** A fault of the document's own lines: put right by crediting the invoice in full and making it anew. */
function lineFault(cause: FaultName, fits: FaultPlan["fits"], spoil: Spoil): FaultPlan {
  return {
    cause,
    fits,
    plant: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const actual = spoil(invoice, tools);
      const truth = faultRow(cause, affair.order, "sale", shortfall(invoice, actual), actual.number);
      return { ...affair, documents: [actual], truth: [truth] };
    },
    resolve: (affair, tools) => {
      const invoice = onlyInvoice(affair);
      const wrong = spoil(invoice, tools);
      const anew = another(invoice, "anew", tools, 2);
      return { ...affair, documents: [...reversed(wrong, tools), anew], truth: [] };
    },
  };
}

/** The ERP invoices a marketplace order without any tax code: the gross is right, the tax is missing. */
export const taxCodeMissing = lineFault(
  "tax-code-missing",
  (affair) =>
    affair.order.outlet.channel?.type === "marketplace" && isCleanSale(affair) ? shippingDate(affair) : null,
  (invoice) => ({
    ...invoice,
    lines: taxLines(invoice.lines.map((line) => ({ ...line, rate: 0n, taxCode: "" }))),
  }),
);

function changeLine(
  change: (line: ErpLine, tools: FaultTools) => Pick<ErpLine, "quantity" | "unitPrice">,
): Spoil {
  return (invoice, tools) => {
    const [line] = lonelyLines(invoice);
    if (!line) throw new Error("The sandbox found no line to spoil.");
    const changed = { ...line, ...change(line, tools) };
    const [taxed = line] = taxLines([{ ...changed, gross: changed.quantity * changed.unitPrice }]);
    return replaceLine(invoice, line, taxed);
  };
}

/** The ERP invoices one piece more or less than was shipped. */
export const quantityWrong = lineFault(
  "quantity-wrong",
  canSpoilLine,
  changeLine((line, { random }) => ({
    quantity: line.quantity > 1n && random.chance(0.5) ? line.quantity - 1n : line.quantity + 1n,
    unitPrice: line.unitPrice,
  })),
);

/** The ERP invoices at a price of another list. */
export const priceWrong = lineFault(
  "price-wrong",
  canSpoilLine,
  changeLine((line, { random }) => ({
    quantity: line.quantity,
    unitPrice: line.unitPrice + random.pick([-200n, 500n, 1_000n]),
  })),
);

/** A line that nothing known explains: neither quantity × price nor tax at its rate. */
export const unknownCause: FaultPlan = {
  cause: "unexplained",
  fits: (affair) => {
    const date = canSpoilLine(affair);
    return date !== null && lonelyLines(onlyInvoice(affair)).some((line) => line.rate > 0n) ? date : null;
  },
  plant: (affair) => {
    const invoice = onlyInvoice(affair);
    const line = lonelyLines(invoice).find((one) => one.rate > 0n);
    if (!line) throw new Error("The sandbox found no taxed line to spoil.");
    const [gross, tax] = [line.gross + 137n, line.tax - 3n];
    const actual = replaceLine(invoice, line, { ...line, gross, tax, net: gross - tax });
    const truth = faultRow("unexplained", affair.order, "sale", shortfall(invoice, actual), actual.number);
    return { ...affair, documents: [actual], truth: [truth] };
  },
  resolve: (affair) => ({ ...affair, truth: [] }),
};
