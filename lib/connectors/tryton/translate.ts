import { Decimal } from "decimal.js";
import type { BookDocument, BookLine, DocumentKind } from "@/lib/domain/document";
import { type Minor, parseAmount } from "@/lib/domain/money";
import { allocateTaxes } from "@/lib/domain/tax/document-tax";
import { rateFromText } from "@/lib/domain/tax/rate";
import type { Unreadable } from "../contract";
import { countryOf } from "../countries";
import { type CodedTax, codedTaxes, codesOf, rateOfLine, taxedLines } from "./taxes";
import { type DocumentWire, type InvoiceWire, type LineWire, WIRE } from "./wire";

type Translated = Readonly<{ ok: true; value: BookDocument }> | Unreadable;

/**
 * A customer invoice or credit note of Tryton's in our words, or why it can't be one. Tryton writes a credit note as an
 * invoice of negative amounts, so signs are ours already. It keeps tax per document: the lines' is given out to them and
 * marked so. Totals stay as the header states them.
 */
export function translateDocument(document: DocumentWire): Translated {
  try {
    return { ok: true, value: bookDocument(document) };
  } catch (error) {
    if (error instanceof RangeError) return { ok: false, reason: error.message, errorClass: "value" };
    throw error;
  }
}

/** A credit note is what Tryton numbers as one: an invoice that comes to less than nothing. */
export const kindOf = (total: string): DocumentKind => (new Decimal(total).isNegative() ? "credit" : "sale");
const opposite = (kind: DocumentKind): DocumentKind => (kind === "sale" ? "credit" : "sale");

type Standing = Readonly<{ isPosted: boolean; isReversedLater: boolean }>;

/**
 * Whether an invoice stands in the books. One that was cancelled in the month it was posted in never happened: Tryton
 * posts the opposite on the same day. One that was cancelled after its month was closed stands, and the move that took
 * it back stands in the later month.
 */
export function standingOf(invoice: Pick<InvoiceWire, "state" | "move." | "cancel_move.">): Standing {
  if (WIRE.postedStates.has(invoice.state)) return { isPosted: true, isReversedLater: false };
  const [posted, taken] = [invoice["move."]?.date ?? null, invoice["cancel_move."]?.date ?? null];
  const isReversedLater =
    invoice.state === WIRE.cancelled &&
    posted !== null &&
    taken !== null &&
    posted.slice(0, 7) !== taken.slice(0, 7);
  return { isPosted: isReversedLater, isReversedLater };
}

/** The day of the books: its move's, as which it was posted or will be; null on drafts without one. */
export const postingDayOf = (
  invoice: Pick<InvoiceWire, "move." | "accounting_date" | "invoice_date">,
): string | null => invoice["move."]?.date ?? invoice.accounting_date ?? invoice.invoice_date;

function bookDocument({ part, invoice, lines, taxes, taxCodes, origins, sales }: DocumentWire): BookDocument {
  const currency = invoice["currency."].code;
  const isCancellation = part === "cancellation";
  const sign = isCancellation ? -1n : 1n;
  const own = kindOf(invoice.total_amount);
  const number = invoice.number ?? `draft ${invoice.id}`;
  const postingDay = isCancellation ? (invoice["cancel_move."]?.date ?? null) : postingDayOf(invoice);
  const createdDay = invoice.create_date?.toISOString().slice(0, 10) ?? null;
  const day = postingDay ?? createdDay;
  if (day === null) throw new RangeError("invoice.invoice_date: expected a day, found none");
  const total = (field: "untaxed_amount" | "tax_amount" | "total_amount"): Minor =>
    sign * amountAt(invoice[field], currency, `invoice.${field}`);
  const context = { currency, sign, day, coded: codedTaxes(taxCodes, taxes) };
  return {
    side: "erp",
    kind: isCancellation ? opposite(own) : own,
    sourceId: sourceIdOf(invoice.id, part),
    number: isCancellation ? `${number} cancelled` : number,
    reference: invoice.reference ?? onlyOne(sales.map((one) => one["sale."]?.reference ?? null)),
    originalNumber: isCancellation ? number : onlyOne(origins.map((one) => one["invoice."]?.number ?? null)),
    status: invoice.state,
    posted: standingOf(invoice).isPosted,
    currency,
    shop: null,
    channel: null,
    shipTo: countryOf(invoice["invoice_address."]?.["country."]?.code ?? null),
    postingDay,
    modifiedAt: modifiedAtOf(invoice, lines),
    pricesIncludeTax: false,
    stated: { net: total("untaxed_amount"), tax: total("tax_amount"), gross: total("total_amount") },
    lines: bookLines(lines, context),
  };
}

/** A move that takes an invoice back is a document of its own, under an id of its own. */
export const sourceIdOf = (id: number, part: DocumentWire["part"]): string =>
  part === "cancellation" ? `${id}-cancellation` : String(id);

/** The invoice behind a document's id; null where it can't be one of Tryton's. */
export function invoiceIdOf(sourceId: string): number | null {
  const [, digits] = /^(\d{1,15})(?:-cancellation)?$/.exec(sourceId) ?? [];
  return digits === undefined ? null : Number(digits);
}

/** The newest change of an invoice or one of its lines: a draft's lines change without their invoice. */
export function modifiedAtOf(
  invoice: Pick<InvoiceWire, "create_date" | "write_date">,
  lines: readonly Pick<LineWire, "create_date" | "write_date">[],
): Date | null {
  const moments = [invoice, ...lines].flatMap((one) => [one.create_date, one.write_date]);
  return moments.reduce((newest, one) => (one && (!newest || one > newest) ? one : newest), null);
}

/** The one value that all name which name any; null where they differ. */
function onlyOne(values: readonly (string | null)[]): string | null {
  const [first, ...others] = new Set(values.filter((value) => value !== null));
  return first !== undefined && others.length === 0 ? first : null;
}

type Context = Readonly<{ currency: string; sign: bigint; day: string; coded: readonly CodedTax[] }>;

function bookLines(lines: readonly LineWire[], context: Context): readonly BookLine[] {
  const { currency, sign, coded } = context;
  const priced = lines.filter((line) => line.type === "line");
  const nets = priced.map((line) => {
    if (line.amount === null)
      throw new RangeError(`lines[${lines.indexOf(line)}].amount: expected an amount, found none`);
    return amountAt(line.amount, currency, `lines[${lines.indexOf(line)}].amount`);
  });
  const stated = coded.map((one) => ({
    one,
    tax: amountAt(one.amount, currency, `taxes ${one.id}.amount`),
    lines: taxedLines(one, priced),
  }));
  const taxes = allocateTaxes(
    nets,
    stated.map(({ one, tax, lines: places }) => ({
      tax,
      rate: one.rate === null ? null : rateFromText(one.rate),
      lines: places,
    })),
  );
  const booked = priced.map((line, index) => bookLine(line, nets[index] ?? 0n, taxes[index] ?? 0n, context));
  // A tax that somebody added by hand belongs to no line: it is a line itself, so that nothing is left out.
  const alone = stated.filter((tax) => tax.lines.length === 0);
  return [...booked, ...alone.map(({ one, tax }) => taxLine(one, sign * tax, context))];
}

function bookLine(line: LineWire, net: Minor, tax: Minor, { sign, day, coded }: Context): BookLine {
  const product = line["product."];
  // Services are charges (shipping, fees, gift wrapping), and known by their product where they have one.
  const isItem = product !== null && product.type !== "service";
  return {
    sourceLineId: String(line.id),
    kind: isItem ? "item" : "fee",
    granularity: isItem && product.code === null ? "document" : "item",
    sku: isItem ? product.code : null,
    variant: null,
    account: isItem ? null : (product?.code ?? line["account."]?.code ?? null),
    quantity: new Decimal(line.quantity ?? "1").times(Number(sign)).toFixed(),
    unitPrice: line.unit_price,
    discount: null,
    net: sign * net,
    tax: sign * tax,
    gross: sign * (net + tax),
    taxCode: codesOf(line, coded),
    taxRate: rateOfLine(line, coded),
    day,
    at: null,
    shipment: null,
    description: line.description,
    // Source: account/tax.py, TaxableMixin._get_taxes: taxes are reckoned on the unrounded price and rounded once.
    ...(line.taxes.length > 0 && { taxAllocated: true as const, taxedOnPrice: true as const }),
  };
}

function taxLine(one: CodedTax, tax: Minor, { day }: Context): BookLine {
  return {
    sourceLineId: `tax-${one.id}`,
    kind: "header",
    granularity: "item",
    sku: null,
    variant: null,
    account: one.account,
    quantity: "1",
    unitPrice: null,
    discount: null,
    net: 0n,
    tax,
    gross: tax,
    taxCode: one.code,
    taxRate: null,
    day,
    at: null,
    shipment: null,
    description: one.description,
  };
}

function amountAt(text: string, currency: string, path: string): Minor {
  try {
    return parseAmount(text, currency);
  } catch (error) {
    throw new RangeError(`${path}: ${error instanceof Error ? error.message : "no amount"}`);
  }
}
