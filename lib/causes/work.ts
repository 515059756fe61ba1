import type { Month } from "@/lib/domain/day";
import type { DocumentKind, Side } from "@/lib/domain/document";
import type { Group, GroupDocument, GroupLine } from "@/lib/domain/group";
import { idOf, quickIdOf } from "@/lib/domain/identity";
import { type KnownAmounts, minus } from "@/lib/domain/money";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { handPairsAmong } from "./hand-pairs";
import { microOf } from "./numbers";

/** SCAYLE − ERP in one period. */
export type Cell = Readonly<{ period: Month; amounts: KnownAmounts }>;

/** Lines of both sides that belong together. */
export type WorkPair = Readonly<{
  id: string;
  documentKind: DocumentKind;
  currency: string;
  kind: "item" | "charge" | "header" | "document" | "aside";
  itemKey: string;
  /** what put the lines together; absent: the item */
  strategy?: "by-hand";
  scayle: readonly GroupLine[];
  erp: readonly GroupLine[];
  /** signed quantities, in millionths */
  quantity: Readonly<{ scayle: number; erp: number }>;
  /** what no claim has taken yet, in order of periods; empty when the pair agrees */
  cells: readonly Cell[];
}>;

/** A group while it is being explained: what is set aside has left `lines`, corrected ERP lines stand corrected. */
export type Work = Readonly<{
  group: Group;
  lines: readonly GroupLine[];
  pairs: readonly WorkPair[];
  /** what was worked out of `lines`; worth nothing for other lines */
  memo: Memo;
}>;

/** The part of an amount that is known; unknown counts as nothing in sums, and is counted apart. */
export const known = (line: GroupLine): KnownAmounts => ({
  net: line.net ?? 0n,
  tax: line.tax ?? 0n,
  gross: line.gross,
});

/** Sum of the known amounts, in minor units. */
export function sum(lines: readonly GroupLine[]): KnownAmounts {
  let [net, tax, gross] = [0n, 0n, 0n];
  for (const line of lines) {
    if (line.net !== null) net += line.net;
    if (line.tax !== null) tax += line.tax;
    gross += line.gross;
  }
  return { net, tax, gross };
}

const isOnePeriod = (scayle: readonly GroupLine[], erp: readonly GroupLine[]): boolean => {
  const period = (scayle[0] ?? erp[0])?.period;
  return scayle.every((line) => line.period === period) && erp.every((line) => line.period === period);
};

/** SCAYLE − ERP of lines, per period, in order of periods. Zero cells are left out. */
export function differences(scayle: readonly GroupLine[], erp: readonly GroupLine[]): readonly Cell[] {
  if (isOnePeriod(scayle, erp)) {
    const amounts = minus(sum(scayle), sum(erp));
    const period = (scayle[0] ?? erp[0])?.period ?? "";
    return amounts.net === 0n && amounts.tax === 0n && amounts.gross === 0n ? [] : [{ period, amounts }];
  }
  const periods = [...new Set([...scayle, ...erp].map((line) => line.period))].sort();
  return periods
    .map((period) => {
      const within = (line: GroupLine) => line.period === period;
      return { period, amounts: minus(sum(scayle.filter(within)), sum(erp.filter(within))) };
    })
    .filter(({ amounts }) => amounts.net !== 0n || amounts.tax !== 0n || amounts.gross !== 0n);
}

/** What is asked of one state of the lines again and again, worked out once. */
export type Memo = {
  of: readonly GroupLine[];
  shelves: Map<string, GroupLine[]>;
  documents: Map<string, GroupLine[]>;
  posted: Partial<Record<DocumentKind, readonly PostedDocument[]>>;
  excess: Partial<Record<DocumentKind, ReadonlyMap<string, number>>>;
  missing: Partial<Record<DocumentKind, Missing>>;
};

/** SCAYLE lines of a kind that the ERP has nothing for, split by whether they may still be on their way. */
export type Missing = Readonly<{ late: readonly GroupLine[]; young: readonly GroupLine[]; whole: boolean }>;

const NO_LINES: readonly GroupLine[] = [];

function memoFor(lines: readonly GroupLine[]): Memo {
  const memo: Memo = {
    of: lines,
    shelves: new Map(),
    documents: new Map(),
    posted: {},
    excess: {},
    missing: {},
  };
  for (const line of lines) {
    put(memo.shelves, shelfOf(line.side, line.documentKind), line);
    put(memo.documents, line.documentId, line);
  }
  return memo;
}

/** What is worked out of a work's lines. A work that was spread with other lines has none yet. */
export const memoOf = (work: Work): Memo => (work.memo.of === work.lines ? work.memo : memoFor(work.lines));

/** A work of these lines, not paired yet. */
export const workOf = (group: Group, lines: readonly GroupLine[]): Work => ({
  group,
  lines,
  pairs: [],
  memo: memoFor(lines),
});

const shelfOf = (side: Side, kind: DocumentKind): string =>
  side === "scayle" ? (kind === "sale" ? "ss" : "sc") : kind === "sale" ? "es" : "ec";

function put(shelves: Map<string, GroupLine[]>, key: string, line: GroupLine): void {
  const shelf = shelves.get(key);
  if (shelf) shelf.push(line);
  else shelves.set(key, [line]);
}

/** An ERP document with its lines that are still in the work, oldest posting first. */
export type PostedDocument = Readonly<{ document: GroupDocument; lines: readonly GroupLine[] }>;

export function erpDocuments(work: Work, kind: DocumentKind): readonly PostedDocument[] {
  const index = memoOf(work);
  const before = index.posted[kind];
  if (before) return before;
  const found: PostedDocument[] = [];
  for (const document of work.group.documents) {
    if (document.side !== "erp" || document.kind !== kind) continue;
    const lines = index.documents.get(document.id);
    if (lines) found.push({ document, lines });
  }
  if (found.length > 1) found.sort((a, b) => compareText(postingKey(a.document), postingKey(b.document)));
  index.posted[kind] = found;
  return found;
}

const postingKey = (document: GroupDocument): string =>
  `${document.postingDay ?? ""} ${document.number} ${document.sourceId}`;

export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The lines of a side and kind that are still in the work. */
export const linesOf = (work: Work, side: Side, kind: DocumentKind): readonly GroupLine[] =>
  memoOf(work).shelves.get(shelfOf(side, kind)) ?? NO_LINES;

/** The lines of a document that are still in the work. */
export const documentLines = (work: Work, documentId: string): readonly GroupLine[] =>
  memoOf(work).documents.get(documentId) ?? NO_LINES;

/** Absolute units per item key, in millionths. */
export function units(lines: readonly GroupLine[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const line of lines) {
    if (line.kind !== "item" || line.granularity !== "item") continue;
    counts.set(line.itemKey, (counts.get(line.itemKey) ?? 0) + Math.abs(microOf(line.quantity)));
  }
  return counts;
}

/** Units that the ERP has beyond SCAYLE's, per item key, in millionths (negative: fewer). */
export function excess(work: Work, kind: DocumentKind): ReadonlyMap<string, number> {
  const index = memoOf(work);
  const before = index.excess[kind];
  if (before) return before;
  const beyond = units(linesOf(work, "erp", kind));
  for (const [key, quantity] of units(linesOf(work, "scayle", kind))) {
    beyond.set(key, (beyond.get(key) ?? 0) - quantity);
  }
  index.excess[kind] = beyond;
  return beyond;
}

export const count = (counts: ReadonlyMap<string, number>, key: string): number => counts.get(key) ?? 0;

/** Whether `counts` covers all of `wanted`. */
export function covers(counts: ReadonlyMap<string, number>, wanted: ReadonlyMap<string, number>): boolean {
  for (const [key, quantity] of wanted) if (count(counts, key) < quantity) return false;
  return wanted.size > 0;
}

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

/** How the connection of a document rounds; null when nobody knows. */
export function roundingOf(
  work: Work,
  document: GroupDocument,
): Readonly<{ policy: RoundingPolicy; confirmed: boolean }> | null {
  return work.group.settings.rounding.get(document.connectionId) ?? null;
}

export function documentOf(work: Work, line: GroupLine): GroupDocument | null {
  for (const document of work.group.documents) if (document.id === line.documentId) return document;
  return null;
}

/** Pairs the lines that are left: by hand, else by item and period; what is left of an item across periods is one pair. */
export function pairUp(work: Work): readonly WorkPair[] {
  const { orderKey } = work.group;
  const made = handPairsAmong(work.group, work.lines);
  const taken = new Set(made.flatMap(({ lines }) => lines.map((line) => line.id)));
  const byHand = made.map(({ id, lines }) => ({
    ...makePair(orderKey, lines[0]?.itemKey ?? "", "across", lines),
    id: idOf("pair", orderKey, "by-hand", id),
    strategy: "by-hand" as const,
  }));
  const shelves = new Map<string, GroupLine[]>();
  for (const line of work.lines) {
    if (!taken.has(line.id)) put(shelves, `${line.documentKind}\u001f${line.currency}`, line);
  }
  const byItem = [...shelves.keys()].sort().flatMap((shelf) => pairShelf(orderKey, shelves.get(shelf) ?? []));
  return [...byHand, ...byItem];
}

function pairShelf(orderKey: string, lines: readonly GroupLine[]): readonly WorkPair[] {
  if (lines.some((line) => line.granularity === "document"))
    return [makePair(orderKey, "document", "across", lines)];
  const byKey = new Map<string, GroupLine[]>();
  for (const line of lines) put(byKey, line.itemKey, line);
  return [...byKey.keys()].sort().flatMap((key) => pairKey(orderKey, key, byKey.get(key) ?? []));
}

function pairKey(orderKey: string, key: string, lines: readonly GroupLine[]): readonly WorkPair[] {
  const [first] = lines;
  if (first && lines.every((line) => line.period === first.period)) {
    return [makePair(orderKey, key, agreesInUnits(key, lines) ? first.period : "across", lines)];
  }
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
  let [scayle, erp] = [0, 0];
  let [onScayle, onErp] = [false, false];
  for (const line of lines) {
    if (line.side === "scayle") {
      onScayle = true;
      scayle += microOf(line.quantity);
    } else {
      onErp = true;
      erp += microOf(line.quantity);
    }
  }
  return onScayle && onErp && (key === "charge" || key === "header" || scayle === erp);
}

/** Total quantity, signed, in millionths. */
export function microSum(lines: readonly GroupLine[]): number {
  let total = 0;
  for (const line of lines) total += microOf(line.quantity);
  return total;
}

function makePair(orderKey: string, itemKey: string, period: string, lines: readonly GroupLine[]): WorkPair {
  const documentKind = lines[0]?.documentKind ?? "sale";
  const currency = lines[0]?.currency ?? "";
  const kind = itemKey === "charge" || itemKey === "header" || itemKey === "document" ? itemKey : "item";
  const id = pairId(orderKey, documentKind, currency, itemKey, period);
  return pairOf({ id, documentKind, currency, kind, itemKey }, lines);
}

/** A pair of these lines, with what follows from them. Lines come in the order of the group: by day, then id. */
export function pairOf(
  about: Pick<WorkPair, "id" | "documentKind" | "currency" | "kind" | "itemKey">,
  lines: readonly GroupLine[],
): WorkPair {
  const scayle: GroupLine[] = [];
  const erp: GroupLine[] = [];
  for (const line of lines) (line.side === "scayle" ? scayle : erp).push(line);
  const { id, documentKind, currency, kind, itemKey } = about;
  const quantity = { scayle: microSum(scayle), erp: microSum(erp) };
  return {
    id,
    documentKind,
    currency,
    kind,
    itemKey,
    scayle,
    erp,
    quantity,
    cells: differences(scayle, erp),
  };
}

/** The pair with ERP lines corrected. */
export function withErp(pair: WorkPair, erp: readonly GroupLine[]): WorkPair {
  const { id, documentKind, currency, kind, itemKey, scayle } = pair;
  const quantity = { scayle: pair.quantity.scayle, erp: microSum(erp) };
  return {
    id,
    documentKind,
    currency,
    kind,
    itemKey,
    scayle,
    erp,
    quantity,
    cells: differences(scayle, erp),
  };
}

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

/** The period in which all of a pair stands; null where it spans several. */
export const onePeriodOf = (pair: WorkPair): Month | null =>
  isOnePeriod(pair.scayle, pair.erp) ? ((pair.scayle[0] ?? pair.erp[0])?.period ?? null) : null;
