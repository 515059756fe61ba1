import type { Day } from "@/lib/domain/day";
import type { BookLine, DocumentKind, LineKind } from "@/lib/domain/document";
import { formatPlain, type Minor } from "@/lib/domain/money";
import { amountCell, type Cell, dayCell, decimalCell, keyCell, momentCell, rateCell } from "./cells";
import { type Column, FILLED } from "./columns";
import type { Profile } from "./profile";

/** What is wrong with a row: where, what was found, what was expected. */
export type RowError = Readonly<{ row: number; column: string; found: string; expected: string }>;

export type ImportEntity = Readonly<{ currency: string; timeZone: string }>;

type DocumentType = "invoice" | "credit_memo" | "cancellation" | "debit_memo";

/** A row that was read: signs as the books have them, what it says about its document, and its line. */
export type ImportRow = Readonly<{
  row: number;
  /** order (sales) or document (ledger) it is grouped by */
  orderNo: string | null;
  documentNo: string;
  documentType: DocumentType;
  lineNo: string | null;
  originalNo: string | null;
  status: string | null;
  company: string | null;
  currency: string;
  shop: string | null;
  channel: string | null;
  country: string | null;
  modifiedAt: Date | null;
  line: Omit<BookLine, "sourceLineId">;
}>;

const TYPES: Readonly<Record<string, DocumentType>> = {
  invoice: "invoice",
  sale: "invoice",
  order: "invoice",
  debit_memo: "debit_memo",
  credit_memo: "credit_memo",
  credit: "credit_memo",
  refund: "credit_memo",
  cancellation: "cancellation",
};
const KINDS: ReadonlySet<string> = new Set(["item", "shipping", "fee", "gift_card", "discount", "rounding"]);

/** Reads the cells of one row and keeps what was wrong with them. */
type Reader = Readonly<{
  text(column: Column): string | null;
  read<T>(column: Column, parse: (text: string) => Cell<T>): T | null;
  fail(column: Column, expected: string): void;
}>;

/** One row's meaning, or what is wrong with it. `cell` gives the text of a column by our name; null when there is none. */
export function readRow(
  row: number,
  cell: (column: Column) => string | null,
  profile: Profile,
  entity: ImportEntity,
): Readonly<{ row: ImportRow }> | Readonly<{ errors: readonly RowError[] }> {
  const errors: RowError[] = [];
  const reader = createReader(row, cell, errors);
  for (const column of FILLED[profile.side]) if (reader.text(column) === null) reader.fail(column, "a value");
  const currency = reader.text("currency") ?? entity.currency;
  if (!/^[A-Z]{3}$/.test(currency)) {
    reader.fail("currency", "an ISO 4217 code like EUR");
    return { errors };
  }
  const type = reader.read("document_type", (text) => typeOf(text, profile)) ?? "invoice";
  const kind: DocumentKind = type === "credit_memo" || type === "cancellation" ? "credit" : "sale";
  const orderNo = reader.text(profile.side === "sales" ? "order_no" : "external_order_no");
  const line = lineOf(reader, kind, currency, profile, entity);
  const modified = reader.read("modified_at", (text) =>
    momentCell(text, profile.dateFormat, entity.timeZone),
  );
  if (errors.length > 0 || line === null) return { errors };
  return {
    row: {
      row,
      orderNo,
      documentNo: reader.text("document_no") ?? orderNo ?? "",
      documentType: type,
      lineNo: reader.text("line_no"),
      originalNo: reader.text("original_document_no"),
      status: translatedBy(reader.text("document_status"), "document_status", profile),
      company: reader.text("company"),
      currency,
      shop: reader.text("shop")?.toLowerCase() ?? null,
      channel: reader.text("channel"),
      country: reader.text("country"),
      modifiedAt: modified?.at ?? null,
      line,
    },
  };
}

function createReader(row: number, cell: (column: Column) => string | null, errors: RowError[]): Reader {
  const text = (column: Column): string | null => cell(column)?.trim() || null;
  const fail = (column: Column, expected: string): void => {
    errors.push({ row, column, found: (text(column) ?? "").slice(0, 80), expected });
  };
  return {
    text,
    fail,
    read(column, parse) {
      const found = text(column);
      if (found === null) return null;
      const parsed = parse(found);
      if ("value" in parsed) return parsed.value;
      fail(column, parsed.expected);
      return null;
    },
  };
}

function lineOf(
  reader: Reader,
  kind: DocumentKind,
  currency: string,
  profile: Profile,
  entity: ImportEntity,
): Omit<BookLine, "sourceLineId"> | null {
  const lineKind = reader.read("line_kind", (text) => kindOf(text, profile)) ?? "item";
  const isTurned = kind === "credit" && profile.sign === "credit-positive";
  const amounts = amountsOf(reader, currency, profile, isTurned ? -1n : 1n);
  const when = whenOf(reader, profile, entity);
  const sku = reader.read("sku", keyCell) ?? reader.read("gtin", keyCell);
  const account = profile.side === "ledger" ? reader.text("gl_account") : null;
  const quantity = reader.read("quantity", (text) => decimalCell(text, profile));
  const rate = reader.read("tax_rate", (text) => rateCell(text, profile));
  const unitPrice = reader.read("unit_price", (text) => decimalCell(text, profile));
  const discount = reader.read("discount_amount", (text) => amountCell(text, currency, profile));
  if (amounts === null || when === null) return null;
  return {
    kind: lineKind,
    granularity: lineKind === "item" && sku === null && account === null ? "document" : "item",
    sku: lineKind === "item" ? sku : null,
    variant: lineKind === "item" ? reader.text("variant") : null,
    account: lineKind === "item" ? account : (account ?? lineKind),
    quantity: signedQuantity(quantity, kind, amounts.gross),
    unitPrice,
    discount,
    ...amounts,
    taxCode: profile.side === "ledger" ? reader.text("tax_code") : null,
    taxRate: rate,
    ...when,
    shipment: null,
    description: reader.text("description"),
  };
}

/** Net, tax and gross; of three the third follows from two, and of gross alone nothing does. */
function amountsOf(
  reader: Reader,
  currency: string,
  profile: Profile,
  sign: 1n | -1n,
): { net: Minor | null; tax: Minor | null; gross: Minor } | null {
  const amount = (column: Column): Minor | null =>
    reader.read(column, (text) => amountCell(text, currency, profile));
  const [net, tax, gross] = [amount("net_amount"), amount("tax_amount"), amount("gross_amount")];
  if (gross === null) return null;
  if (net !== null && tax !== null && net + tax !== gross) {
    reader.fail("gross_amount", `net_amount + tax_amount, which is ${formatPlain(net + tax, currency)}`);
    return null;
  }
  const knownNet = net ?? (tax === null ? null : gross - tax);
  return {
    net: knownNet === null ? null : sign * knownNet,
    tax: knownNet === null ? null : sign * (gross - knownNet),
    gross: sign * gross,
  };
}

function whenOf(
  reader: Reader,
  profile: Profile,
  entity: ImportEntity,
): { day: Day; at: Date | null } | null {
  if (profile.side === "sales")
    return reader.read("sold_at", (text) => momentCell(text, profile.dateFormat, entity.timeZone));
  const day = reader.read("posting_date", (text) => dayCell(text, profile.dateFormat));
  return day === null ? null : { day, at: null };
}

/** Units carry the sign of their money: files count what came back without a sign. One unit where nothing is said. */
function signedQuantity(quantity: string | null, kind: DocumentKind, gross: Minor): string {
  const stated = quantity ?? "1";
  const goesBack = kind === "credit" && gross <= 0n;
  return goesBack && !stated.startsWith("-") && Number(stated) !== 0 ? `-${stated}` : stated;
}

function typeOf(text: string, profile: Profile): Cell<DocumentType> {
  const type = TYPES[(translatedBy(text, "document_type", profile) ?? "").toLowerCase()];
  return type ? { value: type } : { expected: "invoice, credit_memo, cancellation or debit_memo" };
}

function kindOf(text: string, profile: Profile): Cell<LineKind> {
  const kind = (translatedBy(text, "line_kind", profile) ?? "").toLowerCase();
  return KINDS.has(kind) ? { value: kind as LineKind } : { expected: [...KINDS].join(", ") };
}

const translatedBy = (text: string | null, column: Column, profile: Profile): string | null =>
  text === null ? null : (profile.values[column]?.[text] ?? text);
