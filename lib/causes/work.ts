import { Decimal } from "decimal.js";
import type { Month } from "@/lib/domain/day";
import type { DocumentKind } from "@/lib/domain/document";
import { type Group, type GroupDocument, type GroupLine, quantityOf } from "@/lib/domain/group";
import { quickIdOf } from "@/lib/domain/identity";
import { type KnownAmounts, minus, plus, ZERO } from "@/lib/domain/money";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";

/** Lines of both sides that belong together. */
export type WorkPair = Readonly<{
  id: string;
  documentKind: DocumentKind;
  currency: string;
  kind: "item" | "charge" | "header" | "document" | "aside";
  itemKey: string;
  scayle: readonly GroupLine[];
  erp: readonly GroupLine[];
}>;

/** A group while it is being explained: what is set aside has left `lines`, corrected ERP lines stand corrected. */
export type Work = Readonly<{ group: Group; lines: readonly GroupLine[]; pairs: readonly WorkPair[] }>;

/** The part of an amount that is known; unknown counts as nothing in sums, and is counted apart. */
export const known = (line: GroupLine): KnownAmounts => ({
  net: line.net ?? 0n,
  tax: line.tax ?? 0n,
  gross: line.gross,
});

export const sum = (lines: readonly GroupLine[]): KnownAmounts => lines.map(known).reduce(plus, ZERO);

/** SCAYLE − ERP of lines, per period, in order of periods. Zero cells are left out. */
export function differences(
  scayle: readonly GroupLine[],
  erp: readonly GroupLine[],
): readonly Readonly<{ period: Month; amounts: KnownAmounts }>[] {
  const periods = [...new Set([...scayle, ...erp].map((line) => line.period))].sort();
  return periods
    .map((period) => {
      const within = (line: GroupLine) => line.period === period;
      return { period, amounts: minus(sum(scayle.filter(within)), sum(erp.filter(within))) };
    })
    .filter(({ amounts }) => amounts.net !== 0n || amounts.tax !== 0n || amounts.gross !== 0n);
}

/** An ERP document with its lines that are still in the work, oldest posting first. */
export type PostedDocument = Readonly<{ document: GroupDocument; lines: readonly GroupLine[] }>;

export function erpDocuments(work: Work, kind: DocumentKind): readonly PostedDocument[] {
  return work.group.documents
    .filter((document) => document.side === "erp" && document.kind === kind)
    .map((document) => ({ document, lines: work.lines.filter((line) => line.documentId === document.id) }))
    .filter(({ lines }) => lines.length > 0)
    .sort((a, b) => compareText(postingKey(a.document), postingKey(b.document)));
}

const postingKey = (document: GroupDocument): string =>
  `${document.postingDay ?? ""} ${document.number} ${document.sourceId}`;

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export const linesOf = (work: Work, side: "scayle" | "erp", kind: DocumentKind): readonly GroupLine[] =>
  work.lines.filter((line) => line.side === side && line.documentKind === kind);

/** Absolute units per item key. */
export function units(lines: readonly GroupLine[]): ReadonlyMap<string, Decimal> {
  const counts = new Map<string, Decimal>();
  for (const line of lines.filter((one) => one.kind === "item" && one.granularity === "item")) {
    counts.set(line.itemKey, (counts.get(line.itemKey) ?? new Decimal(0)).plus(line.quantity.abs()));
  }
  return counts;
}

/** Units that the ERP has beyond SCAYLE's, per item key (negative: fewer). */
export function excess(work: Work, kind: DocumentKind): ReadonlyMap<string, Decimal> {
  const scayle = units(linesOf(work, "scayle", kind));
  const erp = units(linesOf(work, "erp", kind));
  const keys = [...new Set([...scayle.keys(), ...erp.keys()])].sort();
  return new Map(keys.map((key) => [key, count(erp, key).minus(count(scayle, key))]));
}

export const count = (counts: ReadonlyMap<string, Decimal>, key: string): Decimal =>
  counts.get(key) ?? new Decimal(0);

/** Whether `counts` covers all of `wanted`. */
export const covers = (counts: ReadonlyMap<string, Decimal>, wanted: ReadonlyMap<string, Decimal>): boolean =>
  wanted.size > 0 && [...wanted].every(([key, quantity]) => count(counts, key).gte(quantity));

/** Items, quantities and amounts of a document, without signs, as comparable text. */
export const likeness = (lines: readonly GroupLine[]): string =>
  lines
    .map(
      (line) =>
        `${line.itemKey} ${line.quantity.abs()} ${line.gross < 0n ? -line.gross : line.gross} ${line.currency}`,
    )
    .sort()
    .join("|");

/** Whether something that happened then may still be on its way, as of the reconciliation. */
export function isYoung(group: Group, instant: Date | null): boolean {
  if (instant === null) return false;
  return instant.getTime() + group.settings.postingLagHours * 3_600_000 > group.asOf.getTime();
}

/** When an ERP document was posted. Its last change says less: payments touch it weeks later. */
export const momentOf = (document: GroupDocument): Date | null =>
  document.postingDay ? new Date(`${document.postingDay}T00:00:00Z`) : document.modifiedAt;

/** How the ERP connection of a document rounds; null when nobody knows. */
export function roundingOf(
  work: Work,
  document: GroupDocument,
): Readonly<{ policy: RoundingPolicy; confirmed: boolean }> | null {
  return work.group.settings.rounding.get(document.connectionId) ?? null;
}

export const documentOf = (work: Work, line: GroupLine): GroupDocument | null =>
  work.group.documents.find((document) => document.id === line.documentId) ?? null;

/** Pairs the lines that are left: by item, then by period; what is left of an item across periods is one pair. */
export function pairUp(work: Work): readonly WorkPair[] {
  const shelves = new Map<string, GroupLine[]>();
  for (const line of work.lines) {
    const shelf = `${line.documentKind}\u001f${line.currency}`;
    shelves.set(shelf, [...(shelves.get(shelf) ?? []), line]);
  }
  return [...shelves.keys()]
    .sort()
    .flatMap((shelf) => pairShelf(work.group.orderKey, shelves.get(shelf) ?? []));
}

function pairShelf(orderKey: string, lines: readonly GroupLine[]): readonly WorkPair[] {
  if (lines.some((line) => line.granularity === "document"))
    return [makePair(orderKey, "document", "across", lines)];
  const keys = [...new Set(lines.map((line) => line.itemKey))].sort();
  return keys.flatMap((key) =>
    pairKey(
      orderKey,
      key,
      lines.filter((line) => line.itemKey === key),
    ),
  );
}

function pairKey(orderKey: string, key: string, lines: readonly GroupLine[]): readonly WorkPair[] {
  const periods = [...new Set(lines.map((line) => line.period))].sort();
  const settled: WorkPair[] = [];
  const rest: GroupLine[] = [];
  for (const period of periods) {
    const within = lines.filter((line) => line.period === period);
    if (agreesInUnits(key, within)) settled.push(makePair(orderKey, key, period, within));
    else rest.push(...within);
  }
  return rest.length > 0 ? [...settled, makePair(orderKey, key, "across", rest)] : settled;
}

function agreesInUnits(key: string, lines: readonly GroupLine[]): boolean {
  const scayle = lines.filter((line) => line.side === "scayle");
  const erp = lines.filter((line) => line.side === "erp");
  if (scayle.length === 0 || erp.length === 0) return false;
  return key === "charge" || key === "header" || quantityOf(scayle).eq(quantityOf(erp));
}

function makePair(orderKey: string, itemKey: string, period: string, lines: readonly GroupLine[]): WorkPair {
  const documentKind = lines[0]?.documentKind ?? "sale";
  const currency = lines[0]?.currency ?? "";
  return {
    id: pairId(orderKey, documentKind, currency, itemKey, period),
    documentKind,
    currency,
    kind: itemKey === "charge" || itemKey === "header" || itemKey === "document" ? itemKey : "item",
    itemKey,
    scayle: lines.filter((line) => line.side === "scayle").sort(byId),
    erp: lines.filter((line) => line.side === "erp").sort(byId),
  };
}

const byId = (a: GroupLine, b: GroupLine): number => compareText(`${a.day} ${a.id}`, `${b.day} ${b.id}`);

/** Identity of a pair; lib/matching/plain makes the same in SQL. */
export const pairId = (
  orderKey: string,
  kind: string,
  currency: string,
  itemKey: string,
  period: string,
): string => quickIdOf(orderKey, kind, currency, itemKey, period);

/** Σ a − Σ b of the known amounts. */
export const minusSums = (a: readonly GroupLine[], b: readonly GroupLine[]): KnownAmounts =>
  minus(sum(a), sum(b));
