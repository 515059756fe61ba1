import { add, type Figures, NOTHING, negate } from "@/lib/sandbox/arithmetic";
import { addDays, HOUR } from "@/lib/sandbox/calendar";
import { unitFigures } from "@/lib/sandbox/cost";
import type { Affair, ErpDocument, SandboxOrder, SummaryPosting, Unit } from "@/lib/sandbox/model";
import { documentTotal, taxLines, type UntaxedLine } from "@/lib/sandbox/postings";
import { makeGuid } from "@/lib/sandbox/random";

type Day = { document: ErpDocument; orders: Set<string>; lines: Map<string, UntaxedLine>; stated: Figures };

/** The units that a document of the order is about. */
function unitsOf(order: SandboxOrder, document: ErpDocument, place: number): readonly Unit[] {
  return order.units.filter((unit) => (document.kind === "sale" ? unit.shipment : unit.credit) === place);
}

function openDay(document: ErpDocument, prefix: string): Day {
  const date = document.postingDate;
  return {
    document: {
      ...document,
      id: makeGuid("summary", document.entity, document.kind, prefix, date),
      reference: `${prefix}-${date}`,
      draftedAt: null,
      // The day is added up in the morning after.
      postedAt: Date.parse(`${addDays(date, 1)}T00:00:00Z`) + 4 * HOUR,
      paidAt: null,
      invoiceId: null,
    },
    orders: new Set(),
    lines: new Map(),
    stated: NOTHING,
  };
}

function take(day: Day, order: SandboxOrder, document: ErpDocument, units: readonly Unit[]): void {
  day.orders.add(String(order.id));
  day.stated = add(day.stated, ...units.map(unitFigures));
  for (const line of document.lines) {
    const key = `${line.number}/${line.unitPrice}/${line.rate}`;
    const before = day.lines.get(key);
    const quantity = (before?.quantity ?? 0n) + line.quantity;
    day.lines.set(key, { ...line, quantity, gross: (before?.gross ?? 0n) + line.gross });
  }
}

/**
 * Posts the sales and the returns of the orders that `isSummed` as one document a day: its items of one price and rate
 * are one line, its tax is rounded once for the day, and nothing on it names an order. The orders keep no documents.
 */
export function summed(
  affairs: readonly Affair[],
  isSummed: (affair: Affair) => boolean,
): { affairs: Affair[]; summaries: SummaryPosting[] } {
  const days = new Map<string, Day>();
  const result = affairs.map((affair): Affair => {
    if (!isSummed(affair)) return affair;
    const { order, documents } = affair;
    const places = { sale: 0, credit: 0 };
    for (const document of documents) {
      if (document.postedAt === null) continue;
      const key = `${document.entity}/${document.kind}/${document.postingDate}`;
      const day = days.get(key) ?? openDay(document, order.outlet.referencePrefix);
      days.set(key, day);
      take(day, order, document, unitsOf(order, document, places[document.kind]));
      places[document.kind] += 1;
    }
    return { order, documents: [] };
  });
  const summaries = [...days.values()].map(({ document, orders, lines, stated }): SummaryPosting => {
    const posted = { ...document, lines: taxLines([...lines.values()]) };
    return { document: posted, orderIds: [...orders], rounding: add(stated, negate(documentTotal(posted))) };
  });
  return { affairs: result, summaries };
}
