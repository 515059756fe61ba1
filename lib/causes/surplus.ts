import type { GroupLine } from "@/lib/domain/group";
import { isCreditNote } from "@/lib/domain/order";
import { isCancelled } from "@/lib/domain/recognition";
import { count, covers, erpDocuments, excess, linesOf, type PostedDocument, units, type Work } from "./work";

/** Units of the order that SCAYLE cancelled before they were sold, per item, in millionths. */
export function cancelledUnits(work: Work): ReadonlyMap<string, number> {
  const items = (work.group.order?.items ?? []).filter(isCancelled);
  if (items.length === 0) return NO_UNITS;
  const sold = soldIds(work);
  return tally(items.filter((item) => !sold.has(item.id)));
}

/** Units that are neither sold nor cancelled in SCAYLE yet, per item, in millionths. */
export function waitingUnits(work: Work): ReadonlyMap<string, number> {
  const items = work.group.order?.items ?? [];
  const sold = soldIds(work);
  if (items.every((item) => sold.has(item.id))) return NO_UNITS;
  return tally(items.filter((item) => !isCancelled(item) && !sold.has(item.id)));
}

const NO_UNITS: ReadonlyMap<string, number> = new Map();

const soldIds = (work: Work): ReadonlySet<string> =>
  new Set(
    work.group.lines
      .filter((line) => line.side === "scayle" && line.documentKind === "sale")
      .map((line) => line.sourceLineId),
  );

function tally(items: readonly Readonly<{ sku: string }>[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { sku } of items) counts.set(sku, count(counts, sku) + 1_000_000);
  return counts;
}

/**
 * ERP lines beyond what SCAYLE has, document by document, newest first: the whole document where all its items are
 * beyond and `allowed`, else those of its lines that are. Each unit is taken once.
 */
export function surplusDocuments(
  work: Work,
  kind: "sale" | "credit",
  allowed: ReadonlyMap<string, number>,
): readonly PostedDocument[] {
  if (allowed.size === 0) return [];
  const beyond = new Map(excess(work, kind));
  if (![...beyond.values()].some((surplus) => surplus > 0)) return [];
  const left = new Map(allowed);
  const take = (lines: readonly GroupLine[]): boolean => {
    const wanted = units(lines);
    if (!covers(beyond, wanted) || !covers(left, wanted)) return false;
    for (const [key, quantity] of wanted) {
      beyond.set(key, count(beyond, key) - quantity);
      left.set(key, count(left, key) - quantity);
    }
    return true;
  };
  return [...erpDocuments(work, kind)].reverse().flatMap(({ document, lines }) => {
    if (take(lines)) return [{ document, lines }];
    const some = lines.filter((line) => take([line]));
    return some.length > 0 ? [{ document, lines: some }] : [];
  });
}

/** Units sold and not credited in SCAYLE, per item, in millionths. */
export function keptUnits(work: Work): ReadonlyMap<string, number> {
  const sold = units(scayleLines(work, "sale"));
  const back = units(scayleLines(work, "credit"));
  return new Map([...sold].map(([key, quantity]) => [key, quantity - count(back, key)]));
}

const scayleLines = (work: Work, kind: "sale" | "credit"): readonly GroupLine[] =>
  work.group.lines.filter((line) => line.side === "scayle" && line.documentKind === kind);

/** ERP credit memos for items that SCAYLE still shows as sold, on channels that make invoices. */
export function unansweredCredits(work: Work): readonly PostedDocument[] {
  const { order, invoices, invoicesEnabled } = work.group;
  if (!order || !invoicesEnabled || linesOf(work, "erp", "credit").length === 0) return [];
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
