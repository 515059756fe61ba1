import { type Bucket, stepsOf } from "@/lib/causes/contract";
import type { Finding, Outcome } from "@/lib/causes/outcome";
import { known, type WorkPair } from "@/lib/causes/work";
import type { Group, GroupLine } from "@/lib/domain/group";
import { idOf } from "@/lib/domain/identity";
import { type KnownAmounts, plus, ZERO } from "@/lib/domain/money";

/** What an exception is worth in one period and currency; amounts are never converted to make a sum. */
export type PeriodAmount = KnownAmounts & Readonly<{ period: string; currency: string }>;

/** An exception as a run finds it; what people did to it is not part of it. */
export type FoundException = Readonly<{
  orderKey: string;
  id: string;
  subjectKey: string;
  entityId: string;
  cause: string;
  orderReference: string | null;
  orderSourceId: string | null;
  documentNumber: string | null;
  documentKind: string;
  sourceLine: string;
  shopId: string | null;
  channel: string | null;
  signature: string;
  bucket: Bucket;
  severity: string;
  ownerTeam: string;
  currency: string;
  period: string;
  /** the first day of the books that it is about, SCAYLE's where both sides have one */
  businessDay: string | null;
  total: KnownAmounts;
  amounts: readonly PeriodAmount[];
  /** another set of causes explains the same difference equally well */
  ambiguous: boolean;
  explanation: string;
  /** null where nobody has to act: `evidenceOf` makes it when somebody looks */
  evidence: unknown;
  resolution: string;
}>;

/** The exception of a finding. Its key has no amounts and no database ids (design §5). */
export function exceptionOf(
  group: Group,
  outcome: Outcome,
  finding: Finding,
  ownerTeam: string,
): FoundException {
  const { cause, claim } = finding;
  const { subject } = claim;
  const mine = pairsOf(outcome, finding);
  const lines = mine.flatMap((pair) => [...pair.scayle, ...pair.erp]);
  const identity = [group.entityId, group.orderKey, subject.documentKind, subject.sourceLine] as const;
  const amounts = perPeriod(finding);
  const model = lines.find((line) => line.side === "scayle");
  const period = model?.period ?? amounts[0]?.period ?? lines[0]?.period ?? "";
  const currency = model?.currency ?? lines[0]?.currency ?? "";
  const ambiguous = finding.alternatives.length > 0;
  return {
    orderKey: group.orderKey,
    id: idOf("exception", cause.code, ...identity),
    subjectKey: idOf("subject", ...identity),
    entityId: group.entityId,
    cause: cause.code,
    // Where no order is known, people look for the name that the document gives.
    orderReference:
      group.order?.reference ?? group.documents.find((one) => one.reference !== null)?.reference ?? null,
    orderSourceId: group.order?.id ?? null,
    documentNumber: subject.documentNumber,
    documentKind: subject.documentKind,
    sourceLine: subject.sourceLine,
    shopId: group.shopId,
    channel: group.order?.channel ?? null,
    signature: claim.signature,
    bucket: finding.bucket,
    severity: cause.severity,
    ownerTeam,
    currency,
    period,
    businessDay: firstDay(lines.filter((line) => line.side === "scayle")) ?? firstDay(lines),
    total: amounts.find((one) => one.period === period && one.currency === currency) ?? ZERO,
    amounts,
    ambiguous,
    explanation: asSentence(ambiguous ? `${claim.explanation} ${otherwise(finding)}` : claim.explanation),
    evidence: finding.bucket === "explained" && !ambiguous ? null : evidenceOf(group, outcome, finding),
    resolution: cause.resolution,
  };
}

const firstDay = (lines: readonly GroupLine[]): string | null =>
  lines.reduce<string | null>((first, { day }) => (first === null || day < first ? day : first), null);

/** A sentence that begins with the kind of a document begins with a capital; an item's key stays as it is. */
const asSentence = (text: string): string =>
  text.replace(/^(?:invoice|credit memo) /, (kind) => `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`);

const pairsOf = (outcome: Outcome, finding: Finding): readonly WorkPair[] =>
  outcome.pairs.flatMap(({ pair }) => (finding.pairIds.includes(pair.id) ? [pair] : []));

/** What a finding is proved with: the lines of both sides, the recomputation, the documents. */
export function evidenceOf(group: Group, outcome: Outcome, finding: Finding): unknown {
  const mine = pairsOf(outcome, finding);
  return {
    lines: evidenceLines(mine, finding),
    steps: stepsOf(finding.claim),
    documents: evidenceDocuments(
      group,
      mine.flatMap((pair) => [...pair.scayle, ...pair.erp]),
    ),
    ...(finding.claim.missing?.length ? { missing: finding.claim.missing } : {}),
    ...(finding.alternatives.length > 0
      ? { alternatives: finding.alternatives.map((set) => ({ causes: set.flatMap(alternativeCauses) })) }
      : {}),
  };
}

/** "Ambiguous: shipping taxed on another basis explains it equally well." */
function otherwise({ alternatives }: Finding): string {
  const sets = alternatives.map((set) => set.map(({ cause }) => cause.title.toLowerCase()).join(" and "));
  return `Ambiguous: ${sets.join(", or ")} would explain it equally well.`;
}

/** A cause of another set, one row per currency, with what it would be worth. */
function alternativeCauses(finding: Finding): readonly Record<string, unknown>[] {
  const { cause, claim } = finding;
  const currencies = [...new Set(finding.parts.map((part) => part.currency))].sort();
  return (currencies.length > 0 ? currencies : [null]).map((currency) => ({
    code: cause.code,
    title: cause.title,
    currency,
    ...finding.parts
      .filter((part) => part.currency === currency)
      .reduce((all, part) => plus(all, part.amounts), ZERO),
    explanation: claim.explanation,
  }));
}

function perPeriod({ parts }: Finding): readonly PeriodAmount[] {
  const sums = new Map<string, PeriodAmount>();
  for (const { period, currency, amounts } of parts) {
    const key = `${period} ${currency}`;
    sums.set(key, { period, currency, ...plus(sums.get(key) ?? ZERO, amounts) });
  }
  return [...sums.keys()].sort().flatMap((key) => sums.get(key) ?? []);
}

function evidenceLines(pairs: readonly WorkPair[], finding: Finding): readonly unknown[] {
  return pairs.flatMap((pair) => {
    const difference = finding.parts
      .filter((part) => part.pairId === pair.id)
      .reduce((all, part) => plus(all, part.amounts), ZERO);
    return [...alike(pair.scayle), ...alike(pair.erp)].map((line) => ({
      ...line,
      pair: pair.id,
      marked: true,
      difference,
    }));
  });
}

/** Units of one kind and price as one row, as people count them. */
function alike(lines: readonly GroupLine[]): readonly Record<string, unknown>[] {
  const rows = new Map<
    string,
    { line: GroupLine; quantity: GroupLine["quantity"]; amounts: KnownAmounts; unknown: boolean }
  >();
  for (const line of lines) {
    const key = [
      line.side,
      line.itemKey,
      line.gross,
      line.taxCode,
      line.taxRate,
      line.period,
      line.side === "erp" ? line.id : "",
    ].join(" ");
    const row = rows.get(key);
    rows.set(key, {
      line,
      quantity: row ? row.quantity.plus(line.quantity) : line.quantity,
      amounts: plus(row?.amounts ?? ZERO, known(line)),
      unknown: (row?.unknown ?? false) || line.net === null || line.tax === null,
    });
  }
  return [...rows.values()].map(({ line, quantity, amounts, unknown }) => ({
    side: line.side,
    label: line.description ?? line.sku ?? line.kind,
    sku: line.sku,
    quantity: quantity.toString(),
    currency: line.currency,
    net: unknown ? null : amounts.net,
    tax: unknown ? null : amounts.tax,
    gross: amounts.gross,
    taxCode: line.taxCode,
    taxRate: line.taxRate?.toString() ?? null,
    ...(line.taxAllocated && { taxAllocated: true }),
    period: line.period,
    day: line.day,
  }));
}

function evidenceDocuments(group: Group, lines: readonly GroupLine[]): readonly unknown[] {
  const ids = new Set(lines.map((line) => line.documentId));
  return group.documents
    .filter((document) => ids.has(document.id))
    .map(({ id, side, kind, number, postingDay, status }) => ({
      id,
      side,
      kind,
      number,
      postingDay,
      status,
    }));
}
