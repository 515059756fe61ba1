import { type Figures, isNothing, negate } from "@/lib/sandbox/arithmetic";
import { localDate, type Month } from "@/lib/sandbox/calendar";
import { feeFigures, headerBeyondLines, unitFigures } from "@/lib/sandbox/cost";
import type { ErpDocument, Fee, SandboxOrder } from "@/lib/sandbox/model";
import { type Currency, ENTITIES, PAYMENT_FEE_ACCOUNT, SHIPPING_ACCOUNT } from "@/lib/sandbox/retailer";

/** One amount of one side, signed (sale +, credit −); `pair` says what it stands opposite to on the other side. */
export type BookLine = {
  pair: string;
  documentKind: "sale" | "credit";
  period: Month;
  currency: Currency;
} & Figures;

/** The end of time, for figures that shall see every event. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/** The month of an instant in the books of the order's entity. */
export function periodOf(order: Pick<SandboxOrder, "entity">, at: number): Month {
  return localDate(at, ENTITIES[order.entity].timeZone).slice(0, 7);
}

const feePair = (fee: Fee) => `account:${fee.kind === "shipping" ? SHIPPING_ACCOUNT : PAYMENT_FEE_ACCOUNT}`;

/** What SCAYLE's side amounts to at the instant, by the rules of what counts and when. An unreadable order amounts to nothing. */
export function scayleLines(order: SandboxOrder, at: number): BookLine[] {
  const [first] = order.shipments;
  if (order.broken || !first || first.at > at) return [];
  const { currency } = ENTITIES[order.entity];
  const lines: BookLine[] = [];
  const add = (line: Omit<BookLine, "currency">) => lines.push({ ...line, currency });
  for (const unit of order.units) {
    const pair = `item:${unit.variant.sku}`;
    const shipment = unit.shipment === null ? undefined : order.shipments[unit.shipment];
    const credit = unit.credit === null ? undefined : order.credits[unit.credit];
    if (shipment && shipment.at <= at) {
      add({ pair, documentKind: "sale", period: periodOf(order, shipment.at), ...unitFigures(unit) });
    }
    if (credit && credit.at <= at) {
      add({
        pair,
        documentKind: "credit",
        period: periodOf(order, credit.at),
        ...negate(unitFigures(unit)),
      });
    }
  }
  const period = periodOf(order, first.at);
  for (const fee of order.fees) add({ pair: feePair(fee), documentKind: "sale", period, ...feeFigures(fee) });
  for (const credit of order.credits.filter((one) => one.refundsShipping && one.at <= at)) {
    const fee = order.fees.find((one) => one.kind === "shipping");
    if (!fee) continue;
    const figures = negate(feeFigures(fee));
    add({
      pair: feePair(fee),
      documentKind: "credit",
      period: periodOf(order, credit.at),
      ...figures,
    });
  }
  const header = headerBeyondLines(order, at);
  if (!isNothing(header)) add({ pair: "header", documentKind: "sale", period, ...header });
  return lines;
}

/** What a document of the ERP amounts to at the instant. A memo that only undoes an invoice belongs to the sale. */
export function erpLines(document: ErpDocument, at: number): BookLine[] {
  if (document.postedAt === null || document.postedAt > at) return [];
  const documentKind = document.kind === "sale" || document.reverses ? "sale" : "credit";
  return document.lines.map((line) => {
    const figures = { net: line.net, tax: line.tax, gross: line.gross };
    return {
      pair: `${line.kind.toLowerCase()}:${line.number}`,
      documentKind,
      period: document.postingDate.slice(0, 7),
      currency: document.currency,
      ...(document.kind === "sale" ? figures : negate(figures)),
    };
  });
}

/** True when both sides agree to the cent on each item, fee and header of each month, once everything has happened. */
export function agreesExactly(order: SandboxOrder, documents: readonly ErpDocument[]): boolean {
  const sums = new Map<string, Figures>();
  const count = (line: BookLine, sign: bigint) => {
    const key = `${line.pair}/${line.documentKind}/${line.period}/${line.currency}`;
    const sum = sums.get(key) ?? { net: 0n, tax: 0n, gross: 0n };
    sums.set(key, {
      net: sum.net + sign * line.net,
      tax: sum.tax + sign * line.tax,
      gross: sum.gross + sign * line.gross,
    });
  };
  for (const line of scayleLines(order, END_OF_TIME)) count(line, 1n);
  for (const document of documents) for (const line of erpLines(document, END_OF_TIME)) count(line, -1n);
  return [...sums.values()].every(isNothing);
}
