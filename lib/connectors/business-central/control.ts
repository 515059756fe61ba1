import { lineSums, type Priced, type SourceControl, type Sums, totalSums } from "@/lib/domain/control";
import type { DocumentKind } from "@/lib/domain/document";
import { objectOf } from "@/lib/domain/json";
import { parseAmount } from "@/lib/domain/money";
import { isDay } from "../wire-values";
import { WIRE } from "./wire";

type Raw = Readonly<Record<string, unknown>>;

/**
 * Counts and sums of a document's lines as the payload has them, apart from its translation: every line but comments,
 * after the document's discount where the line says so, a credit memo's with a minus. Minor units of its currency.
 */
export function documentControls(
  kind: DocumentKind,
  payload: unknown,
  localCurrency: string | null,
): readonly SourceControl[] {
  const document = objectOf(payload);
  const currency = textOf(document["currencyCode"]) || localCurrency;
  const id = textOf(document["id"]);
  const given = document[WIRE.sets[kind].lines];
  const lines = (Array.isArray(given) ? given : []).map(objectOf).flatMap((line, index) => {
    const type = textOf(line["lineType"]);
    return type === "" || type === "Comment" ? [] : [{ line, index }];
  });
  const read = lines.map(({ line, index }) => sumsOf(kind, id, line, index, currency));
  return [
    {
      kind,
      day:
        dayOf(document["postingDate"]) ?? dayOf(document["invoiceDate"]) ?? dayOf(document["creditMemoDate"]),
      currency,
      unreadable: read.filter((one) => one === null).length,
      sums: totalSums(read.filter((one) => one !== null)),
    },
  ];
}

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value).trim() : "";

const dayOf = (value: unknown): string | null => {
  const text = textOf(value);
  return isDay(text) && text !== WIRE.noDay ? text : null;
};

const AFTER_DISCOUNT = ["netAmount", "netTaxAmount", "netAmountIncludingTax"] as const;
const BEFORE_DISCOUNT = ["amountExcludingTax", "totalTaxAmount", "amountIncludingTax"] as const;

/** One line's sums, or null where its amounts can't be read. */
function sumsOf(
  kind: DocumentKind,
  documentId: string,
  line: Raw,
  index: number,
  currency: string | null,
): Sums | null {
  const lineId = textOf(line["id"]) || textOf(line["sequence"]) || String(index);
  const amounts = threeOf(line, AFTER_DISCOUNT, currency) ?? threeOf(line, BEFORE_DISCOUNT, currency);
  if (amounts === null) return null;
  const sign = kind === "credit" ? -1n : 1n;
  return lineSums(documentId, lineId, {
    net: sign * amounts.net,
    tax: sign * amounts.tax,
    gross: sign * amounts.gross,
  });
}

/** Net, tax and gross, of which any one follows from the others. */
function threeOf(
  line: Raw,
  [netName, taxName, grossName]: readonly [string, string, string],
  currency: string | null,
): Record<keyof Priced, bigint> | null {
  const net = amountOf(line[netName], currency);
  const tax = amountOf(line[taxName], currency);
  const gross = amountOf(line[grossName], currency);
  if (net !== null && gross !== null) return { net, tax: tax ?? gross - net, gross };
  if (tax !== null && gross !== null) return { net: gross - tax, tax, gross };
  if (net !== null && tax !== null) return { net, tax, gross: net + tax };
  return null;
}

function amountOf(value: unknown, currency: string | null): bigint | null {
  if (currency === null || textOf(value) === "") return null;
  try {
    return parseAmount(textOf(value), currency);
  } catch {
    return null;
  }
}
