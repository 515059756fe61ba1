import { Decimal } from "decimal.js";
import type { BookDocument, BookLine } from "@/lib/domain/document";
import type { DraftDocument } from "./write";

type Given = Readonly<{ id: string; at: Date }>;

/** What an ERP's reader would make of a draft once it is posted: amounts signed, everything that only the ERP gives left open. */
export function postedAs(
  draft: DraftDocument,
  { id, at }: Given,
  own: Pick<BookDocument, "status" | "originalNumber" | "pricesIncludeTax"> &
    Readonly<{ line: (line: DraftDocument["lines"][number]) => Partial<BookLine> }>,
): BookDocument {
  const sign = draft.kind === "credit" ? -1n : 1n;
  const { line: ownOf, ...header } = own;
  const lines = draft.lines.map((line, index): BookLine => {
    // What is less than nothing on its document has a negative quantity.
    const turned = line.gross < 0n ? -sign : sign;
    const isItem = line.kind === "item";
    return {
      sourceLineId: `${id} ${index + 1}`,
      kind: isItem ? "item" : "fee",
      granularity: "item",
      sku: isItem ? line.number : null,
      variant: null,
      account: isItem ? null : line.number,
      quantity: new Decimal(line.quantity).times(Number(turned)).toFixed(),
      unitPrice: null,
      discount: null,
      net: sign * line.net,
      tax: sign * line.tax,
      gross: sign * line.gross,
      taxCode: line.taxCode === "" ? null : line.taxCode,
      taxRate: line.taxRate,
      day: draft.postingDay,
      at: null,
      shipment: null,
      description: line.description,
      ...ownOf(line),
    };
  });
  const total = (of: "net" | "tax" | "gross") => lines.reduce((all, line) => all + (line[of] ?? 0n), 0n);
  return {
    side: "erp",
    kind: draft.kind,
    sourceId: id,
    number: id,
    reference: draft.reference,
    posted: true,
    currency: draft.currency,
    ...(draft.payment !== undefined && { payment: draft.payment }),
    shop: null,
    channel: null,
    shipTo: draft.shipTo,
    postingDay: draft.postingDay,
    modifiedAt: at,
    stated: { net: total("net"), tax: total("tax"), gross: total("gross") },
    lines,
    ...header,
  };
}

/** The document of the other kind with the same lines turned round, by which an ERP takes one back. */
export function turnedRound(
  document: BookDocument,
  { id, at }: Given,
  own: Pick<BookDocument, "status" | "originalNumber"> & Readonly<{ postingDay: string | null }>,
): BookDocument {
  const back = (amount: bigint | null): bigint | null => (amount === null ? null : -amount);
  const { net, tax, gross } = document.stated;
  return {
    ...document,
    ...own,
    kind: document.kind === "sale" ? "credit" : "sale",
    sourceId: id,
    number: id,
    posted: true,
    modifiedAt: at,
    stated: { net: back(net), tax: back(tax), gross: back(gross) },
    lines: document.lines.map((line, index) => ({
      ...line,
      sourceLineId: `${id} ${index + 1}`,
      quantity: new Decimal(line.quantity).negated().toFixed(),
      net: back(line.net),
      tax: back(line.tax),
      gross: -line.gross,
      day: own.postingDay ?? line.day,
    })),
  };
}
