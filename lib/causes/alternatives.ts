import type { Group } from "@/lib/domain/group";
import { claimKey, explainOnce } from "./engine";
import type { Finding } from "./outcome";

/** How many findings of a group are withheld to see what else would explain it, and of how many lines a group may be. */
const MOST_TRIES = 4;
const MOST_LINES = 200;

/**
 * The findings of a group, each with the other sets that explain it equally well: nothing left unexplained, with as
 * many causes. The search is bounded: the first four findings that another cause might claim are withheld, one at a
 * time and never two together, in groups of at most 200 lines; a set that this can't reach is not found. A particular cause
 * is not put in doubt by a general one (contract `certainty`).
 */
export function alternativesFor(group: Group, findings: readonly Finding[]): readonly Finding[] {
  if (group.lines.length > MOST_LINES || findings.some(({ cause }) => cause.code === "unexplained"))
    return findings;
  const sets = new Map<Finding, (readonly Finding[])[]>();
  for (const suspect of findings.filter(isContestable).slice(0, MOST_TRIES)) {
    const other = explainOnce(group, claimKey(suspect.cause, suspect.claim));
    if (!other || other.findings.length !== findings.length) continue;
    const mine = without(findings, other.findings);
    const theirs = without(other.findings, findings);
    if (!isRival(suspect, mine, theirs)) continue;
    for (const finding of mine) sets.set(finding, [...(sets.get(finding) ?? []), theirs]);
  }
  if (sets.size === 0) return findings;
  return findings.map((finding) => ({ ...finding, alternatives: distinct(sets.get(finding) ?? []) }));
}

/** Only what somebody has to act on is worth doubting, and nothing but `unexplained` comes after the residual causes. */
const isContestable = ({ cause, claim }: Finding): boolean =>
  cause.raises && claim.effect.kind !== "residual" && cause.certainty === "particular";

/** The findings of `these` that are not in `those`: another cause, subject or amount. */
function without(these: readonly Finding[], those: readonly Finding[]): readonly Finding[] {
  const texts = new Set(those.map(textOf));
  return these.filter((one) => !texts.has(textOf(one)));
}

const textOf = ({ cause, claim, parts }: Finding): string =>
  `${claimKey(cause, claim)} ${parts.map(({ pairId, period, amounts }) => `${pairId} ${period} ${amounts.net} ${amounts.tax} ${amounts.gross}`).join(" ")}`;

function isRival(suspect: Finding, mine: readonly Finding[], theirs: readonly Finding[]): boolean {
  const codes = new Set(mine.map(({ cause }) => cause.code));
  const fresh = theirs.filter(({ cause }) => !codes.has(cause.code));
  // The same causes on other subjects (which of two equal documents is the duplicate) are the same explanation.
  return (
    mine.includes(suspect) &&
    fresh.length > 0 &&
    fresh.every(({ cause }) => cause.raises && cause.certainty === "particular")
  );
}

function distinct(sets: readonly (readonly Finding[])[]): readonly (readonly Finding[])[] {
  const byText = new Map(sets.map((set) => [set.map(textOf).join("\n"), set]));
  return [...byText.values()];
}
