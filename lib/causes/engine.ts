import type { Month } from "@/lib/domain/day";
import type { Group, GroupLine } from "@/lib/domain/group";
import { idOf } from "@/lib/domain/identity";
import { isZero, type KnownAmounts, minus, negated, plus, ZERO } from "@/lib/domain/money";
import { type Bucket, type Cause, type Claim, stepsOf } from "./contract";
import type { Finding, FindingPart, Outcome, SettledPair } from "./outcome";
import { causes } from "./registry";
import {
  type Cell,
  differences,
  known,
  pairOf,
  pairUp,
  type Work,
  type WorkPair,
  withErp,
  workOf,
} from "./work";

/** A cause and subject that may not be claimed: to see what else would explain the group. */
export type Withheld = string;

/** What makes two claims the same: the cause and what it is about. */
export const claimKey = (cause: Cause, { subject }: Claim): Withheld =>
  `${cause.code} ${subject.documentKind} ${subject.sourceLine}`;

/** A claim that lines are of another item or currency than they say; its amounts are known once they are paired. */
type Recast = Readonly<{
  cause: Cause;
  claim: Claim;
  before: readonly GroupLine[];
  after: readonly GroupLine[];
}>;

const structural = causes.filter((cause) => cause.structure !== undefined);
const pairing = causes.filter((cause) => cause.pairs !== undefined);
const residual = causes.filter((cause) => cause.residual !== undefined);

/**
 * Explains an ordered group by the registry's order. With a claim withheld it returns null as soon as anything is left
 * unexplained: then nothing else explains the group as well.
 */
export function explainOnce(group: Group, withheld: Withheld | null): Outcome | null {
  const gifts = group.lines.some((line) => line.kind === "gift_card")
    ? group.lines.filter((line) => line.kind === "gift_card")
    : [];
  const books = gifts.length > 0 ? group.lines.filter((line) => line.kind !== "gift_card") : group.lines;
  const findings: Finding[] = [];
  const asides: WorkPair[] = [];
  const recasts: Recast[] = [];

  let work = workOf(group, books);
  for (const cause of structural) {
    for (const claim of cause.structure?.(work) ?? []) {
      if (withheld !== null && claimKey(cause, claim) === withheld) continue;
      if (claim.effect.kind === "recast") {
        const recast = recastOf(work, cause, claim);
        if (!recast) continue;
        recasts.push(recast);
        work = workOf(group, replaced(work.lines, recast.after));
        continue;
      }
      const pairs = asidePairs(work, cause, claim);
      // A line that is of another currency or item than it says is told of by that claim, and stands in one pair.
      if (pairs.length === 0 || pairs.some((pair) => hasAny(pair, recasts))) continue;
      asides.push(...pairs);
      findings.push(asideFinding(cause, claim, pairs));
      const taken = new Set(pairs.flatMap((pair) => [...pair.scayle, ...pair.erp]).map((line) => line.id));
      work = workOf(
        group,
        work.lines.filter((line) => !taken.has(line.id)),
      );
    }
  }
  const found = pairUp(work);
  work = { ...work, pairs: found };
  for (const recast of recasts) findings.push(recastFinding(work, recast, asides));
  if (found.some(needsPairing)) {
    for (const cause of pairing) {
      const seen = new Set<string>();
      let claim = nextClaim(cause, work, seen, withheld);
      while (claim) {
        findings.push(correctionFinding(work, cause, claim));
        work = corrected(work, claim);
        claim = nextClaim(cause, work, seen, withheld);
      }
    }
  }
  for (const cause of residual) {
    if (!work.pairs.some((pair) => pair.cells.length > 0)) break;
    for (const claim of cause.residual?.(work) ?? []) {
      if (withheld !== null && claimKey(cause, claim) === withheld) continue;
      if (withheld !== null && cause.code === "unexplained") return null;
      const finding = residualFinding(work, cause, claim);
      findings.push(finding);
      work = withoutResidual(work, finding);
    }
  }
  const merged = mergeAlike(findings);
  const whole = recasts.length > 0 ? asPosted(found, recasts) : found;
  return { findings: merged, pairs: settle(group, [...asides, ...whole], gifts, merged) };
}

/** ERP lines that agree in every figure may still lack a tax code, so every pair that has ERP lines is looked at. */
const needsPairing = (pair: WorkPair): boolean => pair.erp.length > 0;

const bucketOf = (cause: Cause, claim: Claim): Bucket => claim.bucket ?? cause.bucket;

function finding(
  cause: Cause,
  claim: Claim,
  parts: readonly FindingPart[],
  pairIds: readonly string[],
): Finding {
  return { cause, claim, bucket: bucketOf(cause, claim), parts, pairIds, alternatives: [] };
}

/** Claims of one cause on one subject are one finding: its parts and its words together. */
function mergeAlike(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length < 2) return findings;
  const merged = new Map<string, Finding>();
  for (const one of findings) {
    const key = claimKey(one.cause, one.claim);
    const before = merged.get(key);
    merged.set(key, before ? together(before, one) : one);
  }
  return [...merged.values()];
}

const together = (a: Finding, b: Finding): Finding => ({
  ...a,
  bucket: worst([a.bucket, b.bucket]),
  parts: [...a.parts, ...b.parts],
  pairIds: [...new Set([...a.pairIds, ...b.pairIds])],
  claim: {
    ...a.claim,
    explanation: `${a.claim.explanation} ${b.claim.explanation}`,
    steps: () => [...stepsOf(a.claim), ...stepsOf(b.claim)],
  },
});

/** One correction at a time: the next is computed with the ones before it in place. */
function nextClaim(
  cause: Cause,
  work: Work,
  seen: Set<string>,
  withheld: Withheld | null,
): Claim | undefined {
  for (const claim of cause.pairs?.(work) ?? []) {
    const key = `${claim.subject.documentKind} ${claim.subject.sourceLine}`;
    if (seen.has(key) || (withheld !== null && claimKey(cause, claim) === withheld)) continue;
    seen.add(key);
    return claim;
  }
  return undefined;
}

const hasAny = (pair: WorkPair, recasts: readonly Recast[]): boolean =>
  recasts.some(({ after }) => pair.erp.some((line) => after.some((one) => one.id === line.id)));

/** A pair of its own for what stands alone; one per currency, since a pair's amounts are of one. */
function asidePairs(work: Work, cause: Cause, claim: Claim): readonly WorkPair[] {
  if (claim.effect.kind !== "aside") return [];
  const wanted = new Set(claim.effect.lineIds);
  const lines = work.lines.filter((line) => wanted.has(line.id));
  if (lines.length === 0 || lines.length < wanted.size) return [];
  return asideOf(work.group, cause, claim, lines);
}

function asideOf(group: Group, cause: Cause, claim: Claim, lines: readonly GroupLine[]): readonly WorkPair[] {
  const { documentKind, sourceLine } = claim.subject;
  const currencies = [...new Set(lines.map((line) => line.currency))].sort();
  return currencies.map((currency) =>
    pairOf(
      {
        id: idOf(
          "pair",
          group.orderKey,
          cause.code,
          documentKind,
          sourceLine,
          ...(currencies.length > 1 ? [currency] : []),
        ),
        documentKind,
        currency,
        kind: "aside",
        itemKey: cause.code,
      },
      currencies.length === 1 ? lines : lines.filter((line) => line.currency === currency),
    ),
  );
}

const partsOf = (pair: WorkPair): readonly FindingPart[] =>
  pair.cells.map((cell) => ({ pairId: pair.id, currency: pair.currency, ...cell }));

const asideFinding = (cause: Cause, claim: Claim, pairs: readonly WorkPair[]): Finding =>
  finding(
    cause,
    claim,
    pairs.flatMap(partsOf),
    pairs.map((pair) => pair.id),
  );

function replaced(lines: readonly GroupLine[], by: readonly GroupLine[]): readonly GroupLine[] {
  const changes = new Map(by.map((line) => [line.id, line]));
  return lines.map((line) => changes.get(line.id) ?? line);
}

function recastOf(work: Work, cause: Cause, claim: Claim): Recast | null {
  if (claim.effect.kind !== "recast") return null;
  const after = claim.effect.lines;
  const ids = new Set(after.map((line) => line.id));
  const before = work.lines.filter((line) => ids.has(line.id));
  return before.length === ids.size && ids.size > 0 ? { cause, claim, before, after } : null;
}

/**
 * What a recast moves. Within a currency the line stays in its pair, under its right item. In another currency the line
 * leaves: minus in the currency it was posted in, as a pair of its own, plus in the one it belongs to.
 */
function recastFinding(work: Work, { cause, claim, before, after }: Recast, asides: WorkPair[]): Finding {
  const sums = new PartSums();
  const pairIds = new Set<string>();
  const moved = before.filter((line) =>
    after.some((one) => one.id === line.id && one.currency !== line.currency),
  );
  const gone = moved.length > 0 ? asideOf(work.group, cause, claim, moved) : [];
  asides.push(...gone);
  for (const pair of gone) {
    pairIds.add(pair.id);
    for (const part of partsOf(pair)) sums.add(pair, part.period, part.amounts);
  }
  for (const line of after) {
    const pair = pairOfLine(work, line.id);
    const was = before.find((one) => one.id === line.id);
    if (!pair || !was) continue;
    pairIds.add(pair.id);
    sums.add(pair, line.period, known(line));
    if (was.currency === line.currency) sums.add(pair, was.period, negated(known(was)));
  }
  return finding(cause, claim, sums.parts(), [...pairIds]);
}

/** Amounts per pair and period. */
class PartSums {
  readonly #sums = new Map<string, FindingPart>();
  add(pair: WorkPair, period: Month, amounts: KnownAmounts): void {
    const key = `${pair.id} ${period}`;
    const before = this.#sums.get(key)?.amounts ?? ZERO;
    this.#sums.set(key, { pairId: pair.id, currency: pair.currency, period, amounts: plus(before, amounts) });
  }
  parts(): readonly FindingPart[] {
    return [...this.#sums.values()].filter((part) => !isZero(part.amounts));
  }
}

/** Pairs with the ERP's lines as they were posted: where a line pairs is one thing, what it says another. */
function asPosted(pairs: readonly WorkPair[], recasts: readonly Recast[]): readonly WorkPair[] {
  const originals = new Map(recasts.flatMap(({ before }) => before).map((line) => [line.id, line]));
  return pairs
    .map((pair) => {
      if (!pair.erp.some((line) => originals.has(line.id))) return pair;
      const posted = pair.erp.map((line) => originals.get(line.id) ?? line);
      return withErp(
        pair,
        posted.filter((line) => line.currency === pair.currency),
      );
    })
    .filter((pair) => pair.scayle.length + pair.erp.length > 0);
}

function correctionFinding(work: Work, cause: Cause, claim: Claim): Finding {
  const changed = claim.effect.kind === "correct" ? claim.effect.lines : [];
  const touched = claim.effect.kind === "correct" ? (claim.effect.touches ?? []) : [];
  const sums = new PartSums();
  const pairIds = new Set<string>();
  for (const line of changed) {
    const pair = pairOfLine(work, line.id);
    const before = pair?.erp.find((one) => one.id === line.id);
    if (!pair || !before) continue;
    pairIds.add(pair.id);
    sums.add(pair, line.period, known(line));
    sums.add(pair, before.period, negated(known(before)));
  }
  for (const id of touched) {
    const pair = pairOfLine(work, id);
    if (pair) pairIds.add(pair.id);
  }
  return finding(cause, claim, sums.parts(), [...pairIds]);
}

/** The pair in which an ERP line stands. */
function pairOfLine(work: Work, lineId: string): WorkPair | undefined {
  return work.pairs.find((pair) => pair.erp.some((line) => line.id === lineId));
}

function corrected(work: Work, claim: Claim): Work {
  if (claim.effect.kind !== "correct" || claim.effect.lines.length === 0) return work;
  const changes = new Map(claim.effect.lines.map((line) => [line.id, line]));
  const apply = (line: GroupLine): GroupLine => changes.get(line.id) ?? line;
  return {
    ...workOf(work.group, work.lines.map(apply)),
    pairs: work.pairs.map((pair) =>
      pair.erp.some((line) => changes.has(line.id)) ? withErp(pair, pair.erp.map(apply)) : pair,
    ),
  };
}

function residualFinding(work: Work, cause: Cause, claim: Claim): Finding {
  const parts = claim.effect.kind === "residual" ? claim.effect.parts : [];
  const currencyOf = (pairId: string) => work.pairs.find((pair) => pair.id === pairId)?.currency ?? "";
  return finding(
    cause,
    claim,
    parts.map((part) => ({ ...part, currency: currencyOf(part.pairId) })),
    [...new Set(parts.map((part) => part.pairId))],
  );
}

/** What a residual claim explains is taken off its pair, so that no later cause sees it. */
function withoutResidual(work: Work, { parts }: Finding): Work {
  const pairs = work.pairs.map((pair) => {
    const mine = parts.filter((part) => part.pairId === pair.id);
    return mine.length > 0 ? { ...pair, cells: lessened(pair.cells, mine) } : pair;
  });
  return { ...work, pairs };
}

function lessened(cells: readonly Cell[], parts: readonly FindingPart[]): readonly Cell[] {
  const left = new Map(cells.map((cell) => [cell.period, cell.amounts]));
  for (const { period, amounts } of parts) left.set(period, minus(left.get(period) ?? ZERO, amounts));
  return [...left]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([period, amounts]) => ({ period, amounts }))
    .filter(({ amounts }) => !isZero(amounts));
}

const WORST: readonly Bucket[] = ["open", "accepted", "timing", "explained", "matched"];

const worst = (buckets: readonly Bucket[]): Bucket =>
  WORST.find((bucket) => buckets.includes(bucket)) ?? "matched";

function settle(
  group: Group,
  pairs: readonly WorkPair[],
  gifts: readonly GroupLine[],
  findings: readonly Finding[],
): readonly SettledPair[] {
  const settled: SettledPair[] = pairs.map((pair) => ({
    pair,
    bucket: worst(findings.filter((one) => one.pairIds.includes(pair.id)).map((one) => one.bucket)),
  }));
  return gifts.length > 0
    ? [{ pair: giftPair(group, gifts), bucket: "excluded" as const }, ...settled]
    : settled;
}

function giftPair(group: Group, gifts: readonly GroupLine[]): WorkPair {
  const about = {
    id: idOf("pair", group.orderKey, "gift_card"),
    documentKind: gifts[0]?.documentKind ?? "sale",
    currency: gifts[0]?.currency ?? "",
    kind: "aside" as const,
    itemKey: "gift_card",
  };
  return { ...pairOf(about, gifts), cells: differences([], []) };
}
