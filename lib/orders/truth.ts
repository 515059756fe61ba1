import { type Day, dayIn, dayName } from "@/lib/domain/day";
import type { DocumentKind, Side } from "@/lib/domain/document";
import { formatAmount, type Minor } from "@/lib/domain/money";
import { isCancelled } from "@/lib/domain/recognition";
import { upperFirst } from "@/lib/domain/words";
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

/** What the ERP booked and took back by documents of its own, in one currency. */
export type TakenBack = Readonly<{ gross: Minor; currency: string; numbers: readonly string[] }>;

/** Says it from the order as SCAYLE shows it and from what both sides have posted. `order` is null for an ERP document alone. */
export function truthOf(
  order: OrderContent | null,
  booked: readonly Booked[],
  timeZone: string,
  takenBack: readonly TakenBack[] = [],
): Truth {
  return {
    goods: order ? goodsOf(order, timeZone) : "No SCAYLE order is known for this ERP document.",
    money: moneyOf(booked, takenBack, isAllCancelled(order)),
  };
}

/** Whether nothing of it can still be sold. */
const isAllCancelled = (order: OrderContent | null): boolean =>
  order !== null && order.items.length > 0 && order.items.every(isCancelled);

type Item = OrderContent["items"][number];

/** What became of the items of an order: each is in one of them, except that what came back was shipped before. */
export type Fates = Readonly<{
  shipped: readonly Item[];
  returned: readonly Item[];
  /** cancelled although they had left */
  withdrawn: readonly Item[];
  /** cancelled, or without stock, before they left */
  cancelled: readonly Item[];
  waiting: readonly Item[];
}>;

/** Sorts an order's items by what became of them. */
export function fatesOf(order: Pick<OrderContent, "items" | "packages">): Fates {
  const shippedAt = shippingOf(order);
  const shipped = order.items.filter((item) => shippedAt(item) !== null);
  const kept = order.items.filter((item) => shippedAt(item) === null);
  return {
    shipped,
    returned: shipped.filter((item) => item.returnedAt !== null),
    withdrawn: shipped.filter((item) => item.cancelledAt !== null && item.returnedAt === null),
    cancelled: kept.filter(isCancelled),
    waiting: kept.filter((item) => !isCancelled(item)),
  };
}

function shippingOf({
  packages,
}: Pick<OrderContent, "packages">): (item: Pick<Item, "shippedAt" | "packageId">) => Date | null {
  const shippedWith = new Map(packages.map((one) => [one.id, one.shippedAt]));
  return (item) =>
    item.shippedAt ?? (item.packageId === null ? null : (shippedWith.get(item.packageId) ?? null));
}

/** Where the goods are, in sentences; `whose` says "your items" to the customer. */
export function goodsOf(order: OrderContent, timeZone: string, whose: "the" | "your" = "the"): string {
  const all = order.items.length;
  if (all === 0) return "The order has no items.";
  const shippedAt = shippingOf(order);
  const { shipped, returned, withdrawn, cancelled, waiting } = fatesOf(order);
  // What SCAYLE says came back had been delivered before.
  const delivered = shipped.filter(({ status }) => status === "delivered" || status === "returned").length;
  const day = (instants: readonly (Date | null)[]) => on(instants, timeZone);
  /** some of those that were shipped, named after them */
  const ofThem = (count: number, what: readonly [one: string, many: string]) =>
    count === shipped.length
      ? `${count === 1 ? "it" : count === 2 ? "both" : "all of them"} ${what[count === 1 ? 0 : 1]}`
      : `${count} of them ${what[count === 1 ? 0 : 1]}`;

  const sentences = [
    shipped.length > 0 &&
      [
        `${some(shipped.length, all, whose)} ${was(shipped.length)} shipped${day(shipped.map(shippedAt))}`,
        delivered > 0 && ofThem(delivered, ["was delivered", "were delivered"]),
      ]
        .filter(Boolean)
        .join("; "),
    returned.length > 0 &&
      `${ofThem(returned.length, ["came back", "came back"])}${day(returned.map((item) => item.returnedAt))}`,
    withdrawn.length > 0 &&
      `${ofThem(withdrawn.length, ["was cancelled", "were cancelled"])} after shipping${day(withdrawn.map((item) => item.cancelledAt))}`,
    cancelled.length > 0 &&
      `${some(cancelled.length, all, whose)} ${was(cancelled.length)} cancelled${day(cancelled.map((item) => item.cancelledAt))}`,
    waiting.length > 0 && waitingWords(waiting.length, all, whose),
  ].filter((sentence) => sentence !== false);
  return sentences.map((sentence) => `${upperFirst(sentence)}.`).join(" ");
}

const was = (count: number): string => (count === 1 ? "was" : "were");

/** "All of your 3 items", "2 of the 4 items", "your item". */
function some(count: number, of: number, whose: "the" | "your"): string {
  if (of === 1) return `${whose} item`;
  if (count < of) return `${count} of ${whose} ${of} items`;
  return of === 2 ? `both of ${whose} items` : `all of ${whose} ${of} items`;
}

function waitingWords(count: number, of: number, whose: "the" | "your"): string {
  if (of === 1) return `${whose} item has not been shipped yet`;
  if (count === of) return `none of ${whose} ${of} items has been shipped yet`;
  return `${count} of ${whose} ${of} items ${count === 1 ? "has" : "have"} not been shipped yet`;
}

/** " on 12 Nov 2026", or from the first day to the last. */
function on(instants: readonly (Date | null)[], timeZone: string): string {
  const days = instants.flatMap((at) => (at ? [dayIn(at, timeZone)] : [])).sort();
  const [first] = days;
  const last = days.at(-1);
  if (first === undefined || last === undefined) return "";
  return first === last ? ` on ${dayName(first)}` : ` from ${dayName(first)} to ${dayName(last)}`;
}

function moneyOf(booked: readonly Booked[], takenBack: readonly TakenBack[], allCancelled: boolean): string {
  const currencies = [...new Set(booked.map((one) => one.currency))].sort();
  const back = takenBack.map(
    ({ gross, currency, numbers }) =>
      `The ERP took back what it had booked: ${inWords(gross, currency)} in ${numbers.join(", ")}.`,
  );
  if (currencies.length > 0)
    return [...currencies.map((currency) => moneyIn(booked, currency, allCancelled)), ...back].join(" ");
  if (back.length > 0) return [...back, "Nothing else is booked in either system."].join(" ");
  return "Neither system has booked anything.";
}

function moneyIn(booked: readonly Booked[], currency: string, allCancelled: boolean): string {
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
  return `SCAYLE counts ${name(scayle, allCancelled ? "nothing sold, as all of it was cancelled" : "nothing sold yet")}; the ERP has posted ${name(erp, "nothing")}: ${verdict}.`;
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

/** What the ERP booked and took back itself: the lines that `withoutTakenBack` leaves out. Amounts are those of the sales. */
export function takenBackOf(
  documents: readonly Readonly<{ id: string; number: string }>[],
  lines: readonly Readonly<{ documentId: string; currency: string; gross: Minor; inBooks: boolean }>[],
): readonly TakenBack[] {
  const counted = lines.filter((line) => line.inBooks);
  return [...new Set(counted.map((line) => line.currency))].sort().map((currency) => {
    const own = counted.filter((line) => line.currency === currency);
    return {
      currency,
      gross: own.reduce((sum, line) => sum + (line.gross > 0n ? line.gross : 0n), 0n),
      numbers: documents
        .filter(({ id }) => own.some((line) => line.documentId === id))
        .map((one) => one.number),
    };
  });
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
