import { type Day, dayIn, dayName } from "@/lib/domain/day";
import type { DocumentKind, Side } from "@/lib/domain/document";
import { formatAmount, type Minor } from "@/lib/domain/money";
import type { OrderContent } from "./schema";

/** What one side's books hold of one kind: its posted amount and the documents it stands in. */
export type Booked = Readonly<{
  side: Side;
  kind: DocumentKind;
  /** gross in minor units, signed: sale +, credit − */
  gross: Minor;
  currency: string;
  documents: readonly Readonly<{ number: string; day: Day | null }>[];
}>;

/** Where the goods and the money of an order stand, in one sentence each: what customer service reads out. */
export type Truth = Readonly<{ goods: string; money: string }>;

/** Says it from the order as SCAYLE shows it and from what both sides have posted. `order` is null for an ERP document alone. */
export function truthOf(order: OrderContent | null, booked: readonly Booked[], timeZone: string): Truth {
  return {
    goods: order ? goodsOf(order, timeZone) : "No SCAYLE order is known for this ERP document.",
    money: moneyOf(booked),
  };
}

function goodsOf(order: OrderContent, timeZone: string): string {
  const { items } = order;
  if (items.length === 0) return "The order has no items.";
  const shippedWith = new Map(order.packages.map((one) => [one.id, one.shippedAt]));
  const shippedAt = (item: OrderContent["items"][number]) =>
    item.shippedAt ?? (item.packageId === null ? null : (shippedWith.get(item.packageId) ?? null));

  const shipped = items.filter((item) => shippedAt(item) !== null);
  const delivered = shipped.filter((item) => item.status === "delivered").length;
  const returned = shipped.filter((item) => item.returnedAt !== null);
  const withdrawn = shipped.filter((item) => item.cancelledAt !== null && item.returnedAt === null);
  const cancelled = items.filter((item) => item.cancelledAt !== null && shippedAt(item) === null);
  const waiting = items.length - shipped.length - cancelled.length;

  const parts = [
    shipped.length > 0 &&
      `${countOf(shipped.length, items.length)} shipped${on(shipped.map(shippedAt), timeZone)}`,
    delivered > 0 &&
      `${delivered === shipped.length ? (shipped.length === 1 ? "it was" : "all of them were") : `${delivered} of them ${delivered === 1 ? "was" : "were"}`} delivered`,
    returned.length > 0 &&
      `${returned.length} came back${on(
        returned.map((item) => item.returnedAt),
        timeZone,
      )}`,
    withdrawn.length > 0 &&
      `${withdrawn.length} cancelled after shipping${on(
        withdrawn.map((item) => item.cancelledAt),
        timeZone,
      )}`,
    cancelled.length > 0 &&
      `${countOf(cancelled.length, items.length)} cancelled${on(
        cancelled.map((item) => item.cancelledAt),
        timeZone,
      )}`,
    waiting > 0 && `${countOf(waiting, items.length)} not shipped yet`,
  ].filter((part) => part !== false);
  return `${parts.join("; ")}.`;
}

const countOf = (count: number, of: number): string => {
  if (count === of) return of === 1 ? "The one item" : `All ${of} items`;
  return `${count} of ${of} items`;
};

/** " on 12 Nov 2026", or from the first day to the last. */
function on(instants: readonly (Date | null)[], timeZone: string): string {
  const days = instants.flatMap((at) => (at ? [dayIn(at, timeZone)] : [])).sort();
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return "";
  return first === last ? ` on ${dayName(first)}` : ` from ${dayName(first)} to ${dayName(last)}`;
}

function moneyOf(booked: readonly Booked[]): string {
  const currencies = [...new Set(booked.map((one) => one.currency))].sort();
  if (currencies.length === 0) return "Neither system has booked anything.";
  return currencies.map((currency) => moneyIn(booked, currency)).join(" ");
}

function moneyIn(booked: readonly Booked[], currency: string): string {
  const of = (side: Side) => booked.filter((one) => one.side === side && one.currency === currency);
  const sum = (rows: readonly Booked[]) => rows.reduce((so, one) => so + one.gross, 0n);
  const [scayle, erp] = [of("scayle"), of("erp")];
  const gapOf = (kind: DocumentKind) => {
    const ofKind = (rows: readonly Booked[]) => sum(rows.filter((one) => one.kind === kind));
    return ofKind(scayle) - ofKind(erp);
  };
  const gaps = [saleWords(gapOf("sale"), currency), creditWords(gapOf("credit"), currency)].filter(
    (one) => one !== null,
  );
  const verdict = gaps.length === 0 ? "both come to the same" : gaps.join(", and ");
  const name = (rows: readonly Booked[], none: string) => (rows.length === 0 ? none : halfOf(rows, currency));
  return `SCAYLE counts ${name(scayle, "nothing sold yet")}; the ERP has posted ${name(erp, "nothing")}: ${verdict}.`;
}

const inWords = (gap: Minor, currency: string): string =>
  `${formatAmount(gap < 0n ? -gap : gap, currency)} ${currency}`;

function saleWords(gap: Minor, currency: string): string | null {
  if (gap === 0n) return null;
  return `${inWords(gap, currency)} of the sale is ${gap > 0n ? "missing" : "too much"} in the ERP`;
}

/** Credits are negative: SCAYLE above the ERP means that SCAYLE credited less. */
function creditWords(gap: Minor, currency: string): string | null {
  if (gap === 0n) return null;
  return `a credit of ${inWords(gap, currency)} is missing in ${gap > 0n ? "SCAYLE" : "the ERP"}`;
}

function halfOf(rows: readonly Booked[], currency: string): string {
  const parts = rows.map((row) => {
    const numbers = row.side === "erp" ? ` in ${row.documents.map((one) => one.number).join(", ")}` : "";
    const amount = formatAmount(row.gross < 0n ? -row.gross : row.gross, currency);
    return `${amount} ${currency} ${row.kind === "sale" ? "sold" : "credited"}${numbers}`;
  });
  return parts.join(" and ");
}

/** What both sides have booked, per side, kind and currency: only lines that count in the books. */
export function bookedOf(
  documents: readonly Readonly<{ id: string; number: string; postingDay: Day | null }>[],
  lines: readonly Readonly<{
    documentId: string;
    side: Side;
    documentKind: DocumentKind;
    currency: string;
    gross: Minor;
    inBooks: boolean;
  }>[],
): readonly Booked[] {
  const sums = new Map<string, { booked: Omit<Booked, "documents">; ids: Set<string> }>();
  for (const line of lines) {
    if (!line.inBooks) continue;
    const { side, documentKind: kind, currency } = line;
    const key = `${side}|${kind === "sale" ? 0 : 1}|${currency}`;
    const so = sums.get(key) ?? { booked: { side, kind, currency, gross: 0n }, ids: new Set<string>() };
    so.ids.add(line.documentId);
    sums.set(key, { booked: { ...so.booked, gross: so.booked.gross + line.gross }, ids: so.ids });
  }
  return [...sums]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { booked, ids }]) => ({
      ...booked,
      documents: documents
        .filter((document) => ids.has(document.id))
        .map((document) => ({ number: document.number, day: document.postingDay })),
    }));
}

type InPair = Readonly<{ side: string; pairId: string | null }>;

/** Lines without those of ERP documents that take each other back: the customer never saw them, and nothing is owed for them. */
export function withoutTakenBack<Line extends InPair>(
  lines: readonly Line[],
  buckets: ReadonlyMap<string, string>,
): readonly Line[] {
  const withScayle = new Set(lines.flatMap((line) => (line.side === "scayle" ? (line.pairId ?? []) : [])));
  return lines.filter(
    ({ side, pairId }) =>
      side === "scayle" || pairId === null || buckets.get(pairId) !== "explained" || withScayle.has(pairId),
  );
}
