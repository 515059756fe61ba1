import { Decimal } from "decimal.js";
import type { BookDocument, BookLine, DocumentKind } from "@/lib/domain/document";
import { type Minor, parseAmount } from "@/lib/domain/money";
import type { Unreadable } from "../contract";
import { countryOf } from "../countries";
import { takenBackIn } from "./draft";
import { type DocumentWire, type LineWire, WIRE } from "./wire";

export type Translated<T> = Readonly<{ ok: true; value: T }> | Unreadable;

/** What the translation must know beyond the document: codes of variants and payment terms by id, and the currency of documents that name none. */
export type Surroundings = Readonly<{
  variants: ReadonlyMap<string, string>;
  /** codes of payment terms by id in lower case */
  payments: ReadonlyMap<string, string>;
  localCurrency: string | null;
}>;

/**
 * A document of Business Central's in our words, or why it can't be one. Business Central writes credit memos with
 * positive quantities and amounts: both are turned, so that a credit is negative. Totals stay as the header states them,
 * also where the lines don't foot to them; a line whose own amounts don't foot fails the document.
 */
export function translateDocument(
  kind: DocumentKind,
  document: DocumentWire,
  surroundings: Surroundings,
): Translated<BookDocument> {
  const currency = document.currencyCode ?? surroundings.localCurrency;
  if (currency === null)
    return {
      ok: false,
      reason: "currencyCode: expected a currency, found nothing; name the local currency",
      errorClass: "missing-reference",
      missing: { kind: "local-currency" },
    };
  const day = document.postingDate ?? document.invoiceDate ?? document.creditMemoDate;
  if (day === null)
    return { ok: false, reason: "postingDate: expected a day, found none", errorClass: "schema" };
  try {
    const context = { ...surroundings, kind, currency, day, document };
    const lines = document.lines.flatMap((line, index) => lineOf(line, index, context));
    const ids = lines.map((line) => line.sourceLineId);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice !== undefined)
      return { ok: false, reason: `lines: line ${twice} is there twice`, errorClass: "duplicate" };
    return { ok: true, value: documentOf(context, lines) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: error.message, errorClass: "value" };
    throw error;
  }
}

type Context = Surroundings &
  Readonly<{ kind: DocumentKind; currency: string; day: string; document: DocumentWire }>;

function documentOf(
  { kind, currency, day, document, payments }: Context,
  lines: readonly BookLine[],
): BookDocument {
  const payment = payments.get((document.paymentTermsId ?? "").toLowerCase());
  const total = (text: string | null, path: string): Minor | null =>
    text === null ? null : signOf(kind) * amountAt(text, currency, path);
  return {
    side: "erp",
    kind,
    sourceId: document.id,
    number: document.number,
    reference: document.externalDocumentNumber ?? document.customerPurchaseOrderReference,
    originalNumber:
      kind === "credit"
        ? document.invoiceNumber
        : takenBackIn(
            document.lines.flatMap((line) => (line.lineType === "Comment" ? [line.description] : [])),
          ),
    status: document.status,
    posted: document.status !== null && WIRE.postedStatus.has(document.status),
    currency,
    ...(payment !== undefined && { payment }),
    shop: null,
    channel: null,
    shipTo: countryOf(document.shipToCountry ?? document.sellToCountry),
    postingDay: day,
    modifiedAt: document.lastModifiedDateTime,
    pricesIncludeTax: document.pricesIncludeTax,
    stated: {
      net: total(document.totalAmountExcludingTax, "totalAmountExcludingTax"),
      tax: total(document.totalTaxAmount, "totalTaxAmount"),
      gross: total(document.totalAmountIncludingTax, "totalAmountIncludingTax"),
    },
    lines,
  };
}

const signOf = (kind: DocumentKind): bigint => (kind === "credit" ? -1n : 1n);

function lineOf(line: LineWire, index: number, context: Context): readonly BookLine[] {
  const path = `lines[${index}]`;
  if (line.lineType === null || line.lineType === "Comment") return [];
  const sign = signOf(context.kind);
  const amounts = amountsOf(line, path, context);
  const isItem = line.lineType === "Item";
  return [
    {
      sourceLineId: line.id ?? line.sequence ?? String(index),
      kind: isItem ? "item" : "fee",
      granularity: isItem && line.lineObjectNumber === null ? "document" : "item",
      sku: isItem ? line.lineObjectNumber : null,
      variant: isItem ? (context.variants.get((line.itemVariantId ?? "").toLowerCase()) ?? null) : null,
      account: isItem ? null : line.lineObjectNumber,
      quantity: new Decimal(line.quantity ?? "1").times(Number(sign)).toFixed(),
      unitPrice: line.unitPrice,
      discount:
        line.discountAmount === null
          ? null
          : amountAt(line.discountAmount, context.currency, `${path}.discountAmount`),
      net: sign * amounts.net,
      tax: sign * amounts.tax,
      gross: sign * amounts.gross,
      taxCode: line.taxCode,
      taxRate: line.taxPercent === null ? null : new Decimal(line.taxPercent).dividedBy(100).toFixed(),
      day: context.day,
      at: null,
      shipment: null,
      description: line.description,
    },
  ];
}

/**
 * Net, tax and gross after the document's discount. The trio before it will do only where the document has none.
 * Throws a RangeError that says what is missing or doesn't foot.
 */
function amountsOf(
  line: LineWire,
  path: string,
  { currency, document }: Context,
): Readonly<{ net: Minor; tax: Minor; gross: Minor }> {
  const after = trio(
    [line.netAmount, line.netTaxAmount, line.netAmountIncludingTax],
    ["netAmount", "netTaxAmount", "netAmountIncludingTax"],
    path,
    currency,
  );
  if (after) return after;
  if (!new Decimal(document.discountAmount ?? "0").isZero()) {
    throw new RangeError(
      `${path}.netAmount: expected the amounts after the document's discount of ${document.discountAmount}, found none`,
    );
  }
  const before = trio(
    [line.amountExcludingTax, line.totalTaxAmount, line.amountIncludingTax],
    ["amountExcludingTax", "totalTaxAmount", "amountIncludingTax"],
    path,
    currency,
  );
  if (before) return before;
  throw new RangeError(`${path}: expected netAmount, netTaxAmount and netAmountIncludingTax, found none`);
}

type Three<T> = readonly [T, T, T];

/** Three amounts of which one may be missing, which the other two give; null where more are missing. */
function trio(
  texts: Three<string | null>,
  names: Three<string>,
  path: string,
  currency: string,
): Readonly<{ net: Minor; tax: Minor; gross: Minor }> | null {
  const read = (index: 0 | 1 | 2): Minor | null => {
    const text = texts[index];
    return text === null ? null : amountAt(text, currency, `${path}.${names[index]}`);
  };
  const [net, tax, gross] = [read(0), read(1), read(2)];
  if (net !== null && tax !== null && gross !== null) {
    if (net + tax === gross) return { net, tax, gross };
    throw new RangeError(
      `${path}: ${names[0]} ${texts[0]} and ${names[1]} ${texts[1]} don't make ${names[2]} ${texts[2]}`,
    );
  }
  if (gross !== null && net !== null) return { net, tax: gross - net, gross };
  if (gross !== null && tax !== null) return { net: gross - tax, tax, gross };
  if (net !== null && tax !== null) return { net, tax, gross: net + tax };
  return null;
}

function amountAt(text: string, currency: string, path: string): Minor {
  try {
    return parseAmount(text, currency);
  } catch (error) {
    throw new RangeError(`${path}: ${error instanceof Error ? error.message : "no amount"}`);
  }
}
