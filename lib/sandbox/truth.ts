import { type Figures, isNothing, negate } from "@/lib/sandbox/arithmetic";
import { type BookLine, END_OF_TIME, erpLines, scayleLines } from "@/lib/sandbox/figures";
import type { Affair, PlantedFault, SummaryPosting, World } from "@/lib/sandbox/model";

type Residual = Figures &
  Pick<BookLine, "documentKind" | "period" | "currency"> & { byPair: Map<string, Figures> };

function plus(sum: Figures, one: Figures, sign: bigint): Figures {
  return {
    net: sum.net + sign * one.net,
    tax: sum.tax + sign * one.tax,
    gross: sum.gross + sign * one.gross,
  };
}

/** SCAYLE − ERP of one order by document kind, period and currency, before anything explains it. */
function residuals(affair: Affair, at: number): Residual[] {
  const all = new Map<string, Residual>();
  const count = (line: BookLine, sign: bigint) => {
    const key = `${line.documentKind}/${line.period}/${line.currency}`;
    const residual: Residual = all.get(key) ?? {
      net: 0n,
      tax: 0n,
      gross: 0n,
      documentKind: line.documentKind,
      period: line.period,
      currency: line.currency,
      byPair: new Map(),
    };
    // A marketplace order without net amounts can be compared by its gross only.
    const known = affair.order.netKnown ? line : { net: 0n, tax: 0n, gross: line.gross };
    const pair = residual.byPair.get(line.pair) ?? { net: 0n, tax: 0n, gross: 0n };
    residual.byPair.set(line.pair, plus(pair, known, sign));
    all.set(key, { ...residual, ...plus(residual, known, sign) });
  };
  for (const line of scayleLines(affair.order, at)) count(line, 1n);
  for (const document of affair.documents) {
    if (document.reference !== affair.order.reference) continue;
    for (const line of erpLines(document, at)) count(line, -1n);
  }
  return [...all.values()];
}

/**
 * What remains of an order's difference once its planted faults are taken off: rounding. While a document is still to
 * be posted the gross differs too; that is a matter of time and makes no row.
 */
function roundingOf(affair: Affair, planted: readonly PlantedFault[], at: number): PlantedFault[] {
  const { order } = affair;
  return residuals(affair, at).flatMap((residual) => {
    const explained = planted.flatMap((fault) =>
      fault.documentKind === residual.documentKind
        ? fault.amounts.filter(
            (amount) => amount.period === residual.period && amount.currency === residual.currency,
          )
        : [],
    );
    const rest = explained.reduce<Figures>((sum, amount) => plus(sum, amount, -1n), residual);
    const linesAgree = [...residual.byPair.values()].every(isNothing);
    const nothingToSay = explained.length > 0 ? isNothing(rest) : linesAgree;
    if (nothingToSay || rest.gross !== 0n) return [];
    return [
      {
        cause: "rounding",
        entity: order.entity,
        orderReference: order.reference,
        orderId: String(order.id),
        documentKind: residual.documentKind,
        amounts: [
          { period: residual.period, currency: residual.currency, net: rest.net, tax: rest.tax, gross: 0n },
        ],
      } satisfies PlantedFault,
    ];
  });
}

/** The cents between the pieces of a summary posting and its document, once it is posted. */
function roundingOfSummary({ document, rounding }: SummaryPosting, at: number): PlantedFault[] {
  if (document.postedAt === null || document.postedAt > at || isNothing(rounding)) return [];
  const { net, tax } = document.kind === "sale" ? rounding : negate(rounding);
  const period = document.postingDate.slice(0, 7);
  return [
    {
      cause: "rounding",
      entity: document.entity,
      orderReference: document.reference,
      orderId: null,
      erpDocument: document.number,
      documentKind: document.kind,
      amounts: [{ period, currency: document.currency, net, tax, gross: 0n }],
    },
  ];
}

/** True once both the goods' movement and the posting that the fault is about lie in the past. */
function hasHappened(fault: PlantedFault, affair: Affair | undefined, at: number): boolean {
  if (fault.since !== undefined && fault.since > at) return false;
  const document = affair?.documents.find((one) => one.number === fault.erpDocument);
  if (document) return document.postedAt !== null && document.postedAt <= at;
  const moved =
    fault.documentKind === "credit" ? affair?.order.credits[0]?.at : affair?.order.shipments[0]?.at;
  return moved !== undefined && moved <= at;
}

/**
 * The truth about a world at an instant (milliseconds; by default once everything has happened): each planted fault, and
 * each order (or summary posting) on which both sides differ by rounding only, with SCAYLE − ERP amounts by period, sale +, credit −.
 * A rounding row can add up to zero, when cents of one line make up for cents of another.
 * For tests only: nothing that the sandbox serves says any of this.
 */
export function plantedTruth(world: World, at: number = END_OF_TIME): PlantedFault[] {
  const faultsByOrder = new Map<string, PlantedFault[]>();
  for (const fault of world.planted) {
    if (fault.orderId === null) continue;
    faultsByOrder.set(fault.orderId, [...(faultsByOrder.get(fault.orderId) ?? []), fault]);
  }
  const affairOf = new Map(world.affairs.map((affair) => [String(affair.order.id), affair]));
  const homeOf = new Map(
    world.affairs.flatMap((affair) =>
      affair.documents.map((one) => [`${one.entity}/${one.number}`, affair] as const),
    ),
  );
  const planted = world.planted.filter((fault) => {
    const home =
      fault.erpDocument === undefined ? undefined : homeOf.get(`${fault.entity}/${fault.erpDocument}`);
    return hasHappened(fault, home ?? affairOf.get(fault.orderId ?? ""), at);
  });
  const rounding = world.affairs.flatMap((affair) =>
    roundingOf(affair, faultsByOrder.get(String(affair.order.id)) ?? [], at),
  );
  const summaries = world.summaries.flatMap((summary) => roundingOfSummary(summary, at));
  return [...planted, ...rounding, ...summaries];
}
