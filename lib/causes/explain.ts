import type { Month } from "@/lib/domain/day";
import type { Group, GroupLine } from "@/lib/domain/group";
import { idOf } from "@/lib/domain/identity";
import { isZero, type KnownAmounts, minus, plus, ZERO } from "@/lib/domain/money";
import type { Bucket, Cause, Claim } from "./contract";
import { underHandPairs } from "./hand-pairs";
import { causes } from "./registry";
import { compareText, differences, known, pairUp, type Work, type WorkPair } from "./work";

/** A claim that was accepted, with the amounts it explains per pair and period (SCAYLE − ERP, minor units). */
export type Finding = Readonly<{
  cause: Cause;
  claim: Claim;
  parts: readonly Readonly<{ pairId: string; period: Month; amounts: KnownAmounts }>[];
  pairIds: readonly string[];
}>;

/** A pair as it was found, and where it belongs. */
export type SettledPair = Readonly<{ pair: WorkPair; bucket: Bucket }>;

export type Outcome = Readonly<{ findings: readonly Finding[]; pairs: readonly SettledPair[] }>;

/**
 * Explains a group: sets aside what stands alone, pairs the rest, corrects the ERP's lines cause by cause, and gives
 * what is left to rounding or to `unexplained`. For every pair and period SCAYLE − ERP = Σ parts, exactly.
 */
export function explainGroup(asLoaded: Group): Outcome {
  const unordered = underHandPairs(asLoaded);
  // The outcome must not depend on the order in which records arrived.
  const group: Group = {
    ...unordered,
    lines: [...unordered.lines].sort((a, b) => compareText(`${a.day} ${a.id}`, `${b.day} ${b.id}`)),
    documents: [...unordered.documents].sort((a, b) => compareText(a.id, b.id)),
  };
  const gifts = group.lines.filter((line) => line.kind === "gift_card");
  let work: Work = { group, lines: group.lines.filter((line) => line.kind !== "gift_card"), pairs: [] };
  const findings: Finding[] = [];
  const asides: WorkPair[] = [];

  for (const cause of causes) {
    for (const claim of cause.structure?.(work) ?? []) {
      const pair = asidePair(work, cause, claim);
      if (!pair) continue;
      asides.push(pair);
      findings.push(asideFinding(cause, claim, pair));
      const taken = new Set([...pair.scayle, ...pair.erp].map((line) => line.id));
      work = { ...work, lines: work.lines.filter((line) => !taken.has(line.id)) };
    }
  }
  const found = pairUp(work);
  work = { ...work, pairs: found };
  for (const cause of causes) {
    const seen = new Set<string>();
    for (let claim = nextClaim(cause, work, seen); claim; claim = nextClaim(cause, work, seen)) {
      findings.push(correctionFinding(work, cause, claim));
      work = corrected(work, claim);
    }
  }
  for (const cause of causes) {
    for (const claim of cause.residual?.(work) ?? []) {
      const finding = residualFinding(cause, claim);
      findings.push(finding);
      work = withoutResidual(work, finding);
    }
  }
  const merged = mergeAlike(findings);
  return { findings: merged, pairs: settle(group, [...asides, ...found], gifts, merged) };
}

/** Claims of one cause on one subject are one finding: its parts and its words together. */
function mergeAlike(findings: readonly Finding[]): readonly Finding[] {
  const merged = new Map<string, Finding>();
  for (const finding of findings) {
    const { subject } = finding.claim;
    const key = `${finding.cause.code} ${subject.documentKind} ${subject.sourceLine}`;
    const before = merged.get(key);
    merged.set(key, before ? together(before, finding) : finding);
  }
  return [...merged.values()];
}

const together = (a: Finding, b: Finding): Finding => ({
  ...a,
  parts: [...a.parts, ...b.parts],
  pairIds: [...new Set([...a.pairIds, ...b.pairIds])],
  claim: {
    ...a.claim,
    explanation: `${a.claim.explanation} ${b.claim.explanation}`,
    steps: [...a.claim.steps, ...b.claim.steps],
  },
});

/** One correction at a time: the next is computed with the ones before it in place. */
function nextClaim(cause: Cause, work: Work, seen: Set<string>): Claim | undefined {
  const key = ({ subject }: Claim) => `${subject.documentKind} ${subject.sourceLine}`;
  const claim = cause.pairs?.(work).find((one) => !seen.has(key(one)));
  if (claim) seen.add(key(claim));
  return claim;
}

function asidePair(work: Work, cause: Cause, claim: Claim): WorkPair | null {
  if (claim.effect.kind !== "aside") return null;
  const wanted = new Set(claim.effect.lineIds);
  const lines = work.lines.filter((line) => wanted.has(line.id));
  if (lines.length === 0 || lines.length < wanted.size) return null;
  const { documentKind, sourceLine } = claim.subject;
  return {
    id: idOf("pair", work.group.orderKey, cause.code, documentKind, sourceLine),
    documentKind,
    currency: lines[0]?.currency ?? "",
    kind: "aside",
    itemKey: cause.code,
    scayle: lines.filter((line) => line.side === "scayle"),
    erp: lines.filter((line) => line.side === "erp"),
  };
}

function asideFinding(cause: Cause, claim: Claim, pair: WorkPair): Finding {
  const parts = differences(pair.scayle, pair.erp).map((cell) => ({ pairId: pair.id, ...cell }));
  return { cause, claim, parts, pairIds: [pair.id] };
}

function correctionFinding(work: Work, cause: Cause, claim: Claim): Finding {
  const changed = claim.effect.kind === "correct" ? claim.effect.lines : [];
  const touched = claim.effect.kind === "correct" ? (claim.effect.touches ?? []) : [];
  const sums = new Map<string, { pairId: string; period: Month; amounts: KnownAmounts }>();
  const add = (pairId: string, period: Month, amounts: KnownAmounts) => {
    const key = `${pairId} ${period}`;
    sums.set(key, { pairId, period, amounts: plus(sums.get(key)?.amounts ?? ZERO, amounts) });
  };
  for (const line of changed) {
    const pair = pairOf(work, line.id);
    const before = pair?.erp.find((one) => one.id === line.id);
    if (!pair || !before) continue;
    add(pair.id, line.period, known(line));
    add(pair.id, before.period, minus(ZERO, known(before)));
  }
  const pairIds = [...changed.map((line) => line.id), ...touched].flatMap((id) => pairOf(work, id)?.id ?? []);
  const parts = [...sums.values()].filter((part) => !isZero(part.amounts));
  return { cause, claim, parts, pairIds: [...new Set(pairIds)] };
}

const pairOf = (work: Work, lineId: string): WorkPair | undefined =>
  work.pairs.find((pair) => pair.erp.some((line) => line.id === lineId));

function corrected(work: Work, claim: Claim): Work {
  if (claim.effect.kind !== "correct") return work;
  const changes = new Map(claim.effect.lines.map((line) => [line.id, line]));
  const apply = (line: GroupLine): GroupLine => changes.get(line.id) ?? line;
  return {
    ...work,
    lines: work.lines.map(apply),
    pairs: work.pairs.map((pair) => ({ ...pair, erp: pair.erp.map(apply) })),
  };
}

function residualFinding(cause: Cause, claim: Claim): Finding {
  const parts = claim.effect.kind === "residual" ? claim.effect.parts : [];
  return { cause, claim, parts, pairIds: [...new Set(parts.map((part) => part.pairId))] };
}

/** What a residual claim explains is taken off its pair by a line of its own, so that no later cause sees it. */
function withoutResidual(work: Work, finding: Finding): Work {
  return {
    ...work,
    pairs: work.pairs.map((pair) => {
      const mine = finding.parts.filter((part) => part.pairId === pair.id);
      const model = pair.scayle[0] ?? pair.erp[0];
      if (mine.length === 0 || !model) return pair;
      const taken = mine.map((part, index) => ({
        ...model,
        ...part.amounts,
        id: `${finding.cause.code}-${index}`,
        side: "erp" as const,
        period: part.period,
      }));
      return { ...pair, erp: [...pair.erp, ...taken] };
    }),
  };
}

const WORST: readonly Bucket[] = ["open", "accepted", "timing", "explained", "matched"];

function settle(
  group: Group,
  pairs: readonly WorkPair[],
  gifts: readonly GroupLine[],
  findings: readonly Finding[],
): readonly SettledPair[] {
  const excluded = gifts.length > 0 ? [{ pair: giftPair(group, gifts), bucket: "excluded" as const }] : [];
  const settled = pairs.map((pair) => {
    const buckets = findings.filter((one) => one.pairIds.includes(pair.id)).map((one) => one.cause.bucket);
    return { pair, bucket: WORST.find((bucket) => buckets.some((one) => one === bucket)) ?? "matched" };
  });
  return [...excluded, ...settled];
}

function giftPair(group: Group, gifts: readonly GroupLine[]): WorkPair {
  return {
    id: idOf("pair", group.orderKey, "gift_card"),
    documentKind: gifts[0]?.documentKind ?? "sale",
    currency: gifts[0]?.currency ?? "",
    kind: "aside",
    itemKey: "gift_card",
    scayle: gifts.filter((line) => line.side === "scayle"),
    erp: gifts.filter((line) => line.side === "erp"),
  };
}
