import type { Decimal } from "decimal.js";
import type { GroupLine } from "@/lib/domain/group";
import { isCreditNote } from "@/lib/domain/order";
import { isCancelled } from "@/lib/domain/recognition";
import { count, covers, erpDocuments, excess, linesOf, type PostedDocument, units, type Work } from "./work";

/** Units of the order that SCAYLE cancelled before they were sold, per item. */
export function cancelledUnits(work: Work): ReadonlyMap<string, Decimal> {
  const sold = soldIds(work);
  return tally((work.group.order?.items ?? []).filter((item) => isCancelled(item) && !sold.has(item.id)));
}

/** Units that are neither sold nor cancelled in SCAYLE yet, per item. */
export function waitingUnits(work: Work): ReadonlyMap<string, Decimal> {
  const sold = soldIds(work);
  return tally((work.group.order?.items ?? []).filter((item) => !isCancelled(item) && !sold.has(item.id)));
}

const soldIds = (work: Work): ReadonlySet<string> =>
  new Set(
    work.group.lines
      .filter((line) => line.side === "scayle" && line.documentKind === "sale")
      .map((line) => line.sourceLineId),
  );

function tally(items: readonly Readonly<{ sku: string }>[]): ReadonlyMap<string, Decimal> {
  const counts = new Map<string, Decimal>();
  for (const { sku } of items) counts.set(sku, count(counts, sku).plus(1));
  return counts;
}

/**
 * ERP lines beyond what SCAYLE has, document by document, newest first: the whole document where all its items are
 * beyond and `allowed`, else those of its lines that are. Each unit is taken once.
 */
export function surplusDocuments(
  work: Work,
  kind: "sale" | "credit",
  allowed: ReadonlyMap<string, Decimal>,
): readonly PostedDocument[] {
  const beyond = new Map(excess(work, kind));
  const left = new Map(allowed);
  const take = (lines: readonly GroupLine[]): boolean => {
    const wanted = units(lines);
    if (!covers(beyond, wanted) || !covers(left, wanted)) return false;
    for (const [key, quantity] of wanted) {
      beyond.set(key, count(beyond, key).minus(quantity));
      left.set(key, count(left, key).minus(quantity));
    }
    return true;
  };
  return [...erpDocuments(work, kind)].reverse().flatMap(({ document, lines }) => {
    if (take(lines)) return [{ document, lines }];
    const some = lines.filter((line) => take([line]));
    return some.length > 0 ? [{ document, lines: some }] : [];
  });
}

/** Units sold and not credited in SCAYLE, per item. */
export function keptUnits(work: Work): ReadonlyMap<string, Decimal> {
  const sold = units(scayleLines(work, "sale"));
  const back = units(scayleLines(work, "credit"));
  return new Map([...sold].map(([key, quantity]) => [key, quantity.minus(count(back, key))]));
}

const scayleLines = (work: Work, kind: "sale" | "credit"): readonly GroupLine[] =>
  work.group.lines.filter((line) => line.side === "scayle" && line.documentKind === kind);

/** ERP credit memos for items that SCAYLE still shows as sold, on channels that make invoices. */
export function unansweredCredits(work: Work): readonly PostedDocument[] {
  const { order, invoices, invoicesEnabled } = work.group;
  if (!order || !invoicesEnabled) return [];
  const credits = scayleLines(work, "credit");
  // A credit note that SCAYLE lists and whose items it doesn't show is not a missing one.
  if (credits.length === 0 && (invoices ?? []).some((invoice) => isCreditNote(invoice.type))) return [];
  const byItem = surplusDocuments(work, "credit", keptUnits(work));
  return byItem.length > 0 ? byItem : unansweredWholeCredits(work, credits);
}

/** The same where the ERP's credits name no items: only if SCAYLE has no credit at all, and sold at least as much. */
function unansweredWholeCredits(work: Work, credits: readonly GroupLine[]): readonly PostedDocument[] {
  if (credits.length > 0) return [];
  const soldGross = linesOf(work, "scayle", "sale").reduce((total, line) => total + line.gross, 0n);
  const documents = erpDocuments(work, "credit").filter(({ lines }) =>
    lines.every((line) => line.granularity === "document"),
  );
  const back = documents.flatMap(({ lines }) => lines).reduce((total, line) => total - line.gross, 0n);
  return back > 0n && back <= soldGross ? documents : [];
}
