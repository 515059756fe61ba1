/*
 * What the groups that a root cause affects have in common and the others don't. Everything here is counting: groups are
 * counted by which attributes they have, affected or not, and the answer is a function of those counts alone. The order of
 * the rows, and that of the features, says nothing.
 */

/** One attribute value that a group can have: "channel: marketplace_x", "rate: 0.07". */
export type Feature = Readonly<{ name: string; value: string }>;

/** Groups that have exactly the features whose bits are set (feature 0 is bit 0), counted. */
export type Profile = Readonly<{ bits: number; affected: number; others: number }>;

export type Counts = Readonly<{ affected: number; others: number }>;

/** What tells the affected groups from the others. */
export type Contrast = Readonly<{
  /** all of the population */
  all: Counts;
  /** features that hold together, by name and value; none: no attribute tells them apart */
  features: readonly Feature[];
  /** the groups that have all of them */
  within: Counts;
}>;

/** Of fewer affected groups nothing is claimed: anything that they share may be chance. */
export const SUPPORT_MIN = 5;

/** At most so many features say it: a longer sentence tells nobody anything. */
const FEATURES_MAX = 3;

const compareFeatures = (a: Feature, b: Feature): number =>
  a.name < b.name ? -1 : a.name > b.name ? 1 : a.value < b.value ? -1 : a.value > b.value ? 1 : 0;

/** Counts of the groups that have all features of a mask. */
export function countsOf(profiles: readonly Profile[], mask: number): Counts {
  let affected = 0;
  let others = 0;
  for (const profile of profiles) {
    if ((profile.bits & mask) !== mask) continue;
    affected += profile.affected;
    others += profile.others;
  }
  return { affected, others };
}

/**
 * Whether one set of features tells the affected groups better than another: by F1, the harmonic mean of how many affected it
 * covers and how many of what it covers are affected. 2·hit ÷ (all affected + covered), compared as whole numbers.
 */
function isBetter(one: Counts, other: Counts, affected: number): boolean {
  const covered = (counts: Counts) => affected + counts.affected + counts.others;
  return one.affected * covered(other) > other.affected * covered(one);
}

/** Whether so many affected groups have it that it is a pattern of theirs: as many as a claim needs, and at least half of all. */
const isPattern = (within: Counts, all: Counts): boolean =>
  within.affected >= SUPPORT_MIN && within.affected * 2 >= all.affected;

/**
 * The few features that tell the affected groups best, found one by one: each is the one that helps most, the first by name and
 * value among equals, and none is taken that doesn't help, or that too few of the affected have together with the others. One
 * that the others make needless is left out again.
 */
export function contrastOf(features: readonly Feature[], profiles: readonly Profile[]): Contrast {
  const all = countsOf(profiles, 0);
  if (all.affected < SUPPORT_MIN) return { all, features: [], within: all };
  const inOrder = features
    .map((feature, index) => ({ feature, bit: 1 << index }))
    .sort((a, b) => compareFeatures(a.feature, b.feature));
  let chosen: readonly (typeof inOrder)[number][] = [];
  const maskOf = (some: typeof chosen) => some.reduce((mask, { bit }) => mask | bit, 0);
  let best = all;
  while (chosen.length < FEATURES_MAX) {
    let next: (typeof inOrder)[number] | null = null;
    for (const one of inOrder) {
      const counts = countsOf(profiles, maskOf(chosen) | one.bit);
      if (isPattern(counts, all) && isBetter(counts, best, all.affected)) [next, best] = [one, counts];
    }
    if (!next) break;
    chosen = [...chosen, next];
  }
  for (const one of chosen) {
    const without = chosen.filter((other) => other !== one);
    if (without.length > 0 && !isBetter(best, countsOf(profiles, maskOf(without)), all.affected)) {
      chosen = without;
      best = countsOf(profiles, maskOf(without));
    }
  }
  return { all, features: chosen.map(({ feature }) => feature).sort(compareFeatures), within: best };
}

/** Groups of fewer are no pattern. */
const PART_MIN = SUPPORT_MIN;

/** A beginning has at least three quarters of the affected on or after its day … */
const MOST = { part: 3, of: 4 };
/** … and from it on at least twice the share of affected that there was before. */
const CLEARLY = 2;

/** Groups of one day that have the contrast's features, counted. */
export type DayCounts = Counts & Readonly<{ day: string }>;

/** The day from which on it is so, with the counts from it on and before it. */
export type Onset = Readonly<{ day: string; since: Counts; before: Counts }>;

/**
 * The day on which it began, as the figures tell it: "from this day on" is one more feature, and the best is the one that tells
 * the affected from the others better (F1) than having no beginning does; the first of equals. A single order that was wrong by
 * itself weeks earlier is no beginning; nor is a day that most of the affected are before, or from which on hardly more of the
 * groups are affected: at least 3/4 of the affected have to be of the day or later, and their share of the groups from it on has to
 * be at least twice the share before it. null: it has been so from the first day on, or the groups before the day, or the affected
 * from it on, are too few to tell a beginning from chance.
 */
export function onsetOf(days: readonly DayCounts[]): Onset | null {
  const inOrder = [...days].sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  const sum = (some: readonly DayCounts[]): Counts => ({
    affected: some.reduce((all, one) => all + one.affected, 0),
    others: some.reduce((all, one) => all + one.others, 0),
  });
  const all = sum(inOrder);
  let best: Onset | null = null;
  for (const [index, { day }] of inOrder.entries()) {
    if (day === inOrder[index - 1]?.day) continue;
    const since = sum(inOrder.slice(index));
    const before = { affected: all.affected - since.affected, others: all.others - since.others };
    if (since.affected < PART_MIN || before.affected + before.others < PART_MIN) continue;
    if (!isBeginning(since, before, all.affected)) continue;
    if (isBetter(since, best?.since ?? all, all.affected)) best = { day, since, before };
  }
  return best;
}

/** Compared as whole numbers: since ÷ its groups ≥ 2 · before ÷ its groups. */
const isBeginning = (since: Counts, before: Counts, affected: number): boolean =>
  since.affected * MOST.of >= affected * MOST.part &&
  since.affected * (before.affected + before.others) >=
    CLEARLY * before.affected * (since.affected + since.others);

/** A part is a matter of its own where at least nine in ten of the groups with its feature are affected … */
const DENSE = { part: 9, of: 10 };
/** … and of the others that the card's own features name at most half are. */
const SPARSE = { part: 1, of: 2 };

/** That a root cause looks like two: what has a feature is affected nearly always, the rest of it now and then. */
export type Split = Readonly<{
  feature: Feature;
  /** groups within the contrast that have the feature, and those that don't */
  having: Counts;
  lacking: Counts;
}>;

/** The clearest split of a root cause within its contrast; null where the figures suggest none. */
export function splitOf(
  features: readonly Feature[],
  profiles: readonly Profile[],
  contrast: Contrast,
): Split | null {
  const isIn = (feature: Feature) =>
    contrast.features.some((one) => one.name === feature.name && one.value === feature.value);
  const base = features.reduce((mask, feature, index) => (isIn(feature) ? mask | (1 << index) : mask), 0);
  const whole = countsOf(profiles, base);
  const splits = features.flatMap((feature, index) => {
    if (isIn(feature)) return [];
    const having = countsOf(profiles, base | (1 << index));
    const lacking = {
      affected: whole.affected - having.affected,
      others: whole.others - having.others,
    };
    const isSplit =
      having.affected >= PART_MIN &&
      lacking.affected >= PART_MIN &&
      having.affected * DENSE.of >= (having.affected + having.others) * DENSE.part &&
      lacking.affected * SPARSE.of <= (lacking.affected + lacking.others) * SPARSE.part;
    return isSplit ? [{ feature, having, lacking }] : [];
  });
  return (
    splits.sort(
      (a, b) => b.having.affected - a.having.affected || compareFeatures(a.feature, b.feature),
    )[0] ?? null
  );
}

/** One card among those of a cause: the features of its affected groups, counted. */
export type Card = Readonly<{
  id: string;
  affected: number;
  features: readonly (Feature & Readonly<{ affected: number }>)[];
}>;

/** That several root causes of one cause look like one: nearly everything that has a feature is affected by one or another. */
export type Merge = Readonly<{
  feature: Feature;
  cards: readonly string[];
  /** the groups with the feature in the population: affected by one of the cards, and not */
  within: Counts;
  /** affected groups of the cards without the feature */
  beside: number;
}>;

/** A card belongs to a merge where at least nine in ten of its groups have the feature. */
const BELONGS = { part: 9, of: 10 };

/**
 * Root causes of one cause that the figures suggest to be one. `totals` has how many groups of the population have each feature.
 * Each card is in the first merge that it fits, the largest first.
 */
export function mergesOf(
  cards: readonly Card[],
  totals: readonly (Feature & Readonly<{ total: number }>)[],
): readonly Merge[] {
  const merges = totals.flatMap(({ name, value, total }) => {
    const mine = cards.flatMap((card) => {
      const count = card.features.find((one) => one.name === name && one.value === value)?.affected ?? 0;
      return count > 0 && count * BELONGS.of >= card.affected * BELONGS.part ? [{ card, count }] : [];
    });
    const affected = mine.reduce((all, one) => all + one.count, 0);
    const isOne = mine.length > 1 && affected >= PART_MIN && affected * DENSE.of >= total * DENSE.part;
    if (!isOne) return [];
    return [
      {
        feature: { name, value },
        cards: mine.map(({ card }) => card.id).sort(),
        within: { affected, others: Math.max(0, total - affected) },
        beside: mine.reduce((all, { card, count }) => all + card.affected - count, 0),
      },
    ];
  });
  merges.sort(
    (a, b) =>
      b.cards.length - a.cards.length ||
      b.within.affected - a.within.affected ||
      compareFeatures(a.feature, b.feature),
  );
  const used = new Set<string>();
  return merges.filter((merge) => {
    if (merge.cards.some((id) => used.has(id))) return false;
    for (const id of merge.cards) used.add(id);
    return true;
  });
}
