import { attributesOf } from "@/lib/causes/signature";
import { type Day, dayName } from "@/lib/domain/day";
import { formatAmount } from "@/lib/domain/money";
import { stepWords } from "@/lib/domain/status/step-words";
import { isTransition } from "@/lib/domain/status/transitions";
import type { Beginning } from "./began";
import { type Counts, type Feature, SUPPORT_MIN } from "./contrast";
import type { RootCause } from "./data";
import type { Findings } from "./findings";
import type { FixEffect } from "./fix-effect";

const number = (count: number): string => count.toLocaleString("en");
const counted = (count: number, one: string, many: string): string =>
  `${number(count)} ${count === 1 ? one : many}`;

/** "ship-to DE, channel marketplace_x"; empty for a root cause without attributes. */
export const signatureText = (signature: string): string =>
  attributesOf(signature)
    .map(({ name, value }) => {
      if (name === "missing step")
        return isTransition(value) ? `${name}: ${stepWords(value)}` : stepWords(value);
      return name === null ? value : `${name} ${value}`;
    })
    .join(", ");

/**
 * Since when a root cause's open exceptions are: the day on which it began, where the figures tell one, with how many of them are
 * of it or later where some are older (`part`); else the first day that any is of.
 */
export function sinceOf({
  openCount,
  firstDay,
  findings,
  sinceOnset,
}: Pick<RootCause, "openCount" | "firstDay" | "findings" | "sinceOnset">): Readonly<{
  day: Day;
  part: number | null;
}> {
  if (!findings?.onset || !sinceOnset) return { day: firstDay, part: null };
  return { day: findings.onset.day, part: sinceOnset < openCount ? sinceOnset : null };
}

/** "370 exceptions over 8,801.91 EUR, 364 of them since 5 Sep 2026"; "12 exceptions over 90.00 EUR since 1 Oct 2026". */
export function extentText(root: RootCause): string {
  const { openCount, amounts } = root;
  const sums = amounts
    .filter((one) => one.extent > 0n)
    .map((one) => `${formatAmount(one.extent, one.currency)} ${one.currency}`);
  const over = sums.length > 0 ? ` over ${sums.join(" and ")}` : ", of no amount,";
  const { day, part } = sinceOf(root);
  const some = part === null ? "" : `${over.endsWith(",") ? "" : ","} ${number(part)} of them`;
  return `${counted(openCount, "exception", "exceptions")}${over}${some} since ${dayName(day)}`;
}

/** "rate 7 %" */
export function featureText({ name, value }: Feature): string {
  if (name === "rate" && /^\d(\.\d+)?$/.test(value)) {
    return `rate ${Number((Number(value) * 100).toFixed(3))} %`;
  }
  return `${name} ${value}`;
}

const together = (parts: readonly string[]): string =>
  parts.length < 2 ? parts.join("") : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1)}`;

const share = ({ affected, others }: Counts): string => `${number(affected)} of ${number(affected + others)}`;

/** What the affected are called: sales, credits, or both. */
export const kindsText = (kinds: readonly string[]): string =>
  kinds.map((kind) => (kind === "credit" ? "credits" : "sales")).join(" and ") || "orders";

/** "All 412 affected sales have channel marketplace_x and rate 7 %; 0 of 9,310 others do." */
export function contrastText({ contrast, kinds }: Findings): string {
  const { all, features, within } = contrast;
  const what = kindsText(kinds);
  if (all.affected < SUPPORT_MIN) {
    const few =
      all.affected === 1
        ? `Only 1 affected ${what.replace(/s( and |$)/g, "$1")}`
        : `Only ${number(all.affected)} affected ${what}`;
    return `${few}: too little to tell a pattern from chance, so nothing is claimed. What is claimed begins at ${number(SUPPORT_MIN)}.`;
  }
  if (features.length === 0) {
    return `Nothing that is looked at tells the ${number(all.affected)} affected ${what} from the ${number(all.others)} others of the same days: they may be wrong for more than one reason, or by chance.`;
  }
  const covers =
    within.affected === all.affected
      ? `All ${number(all.affected)} affected ${what} have`
      : `${number(within.affected)} of the ${number(all.affected)} affected ${what} have`;
  return `${covers} ${together(features.map(featureText))}; ${number(within.others)} of ${number(all.others)} others ${within.others === 1 ? "does" : "do"}.`;
}

/**
 * Why there are more exceptions than sales and credits that they are on; null where there are not more. `exceptions`: how many
 * were open when they were counted.
 */
export function severalText({ contrast, kinds }: Findings, exceptions: number): string | null {
  const { affected } = contrast.all;
  if (exceptions <= affected) return null;
  return `Sales and credits are counted once for each order: its ${number(exceptions)} exceptions are on ${number(affected)} ${affected === 1 ? kindsText(kinds).replace(/s( and |$)/g, "$1") : kindsText(kinds)}, as one can have several.`;
}

/** How it was before: null where nothing tells the affected apart. */
export function beforeText({ before, firstDay, kinds }: Findings): string | null {
  if (before === null) return null;
  const what = kindsText(kinds);
  return before === 0
    ? `In the 60 days before ${dayName(firstDay)} there were no such ${what}: it has been so for as long as there have been any.`
    : `In the 60 days before ${dayName(firstDay)} there were ${number(before)} such ${what}, none of them affected.`;
}

/** "From 5 Sep 2026 on 340 of 344 of them are affected; before it 4 of 158." null: the figures tell no such day. */
export function onsetText({ onset }: Findings): string | null {
  if (!onset) return null;
  return `It began on ${dayName(onset.day)}: from then on ${share(onset.since)} of them are affected, before it ${share(onset.before)}.`;
}

/** What the figures suggest to look at apart, or together; in sentences. */
export function suggestionsOf({ split, merge, kinds }: Findings): readonly string[] {
  const what = kindsText(kinds);
  return [
    ...(split
      ? [
          `It looks like two matters: with ${featureText(split.feature)}, ${share(split.having)} ${what} are affected; without it, ${share(split.lacking)}.`,
        ]
      : []),
    ...(merge
      ? [
          `It looks like a part of something larger: together, ${number(merge.cards.length)} root causes of this kind affect ${share(merge.within)} ${what} with ${featureText(merge.feature)}.`,
        ]
      : []),
  ];
}

/** Says of what changed around the beginning that it is a coincidence in time, no proof. */
export const beganText = (beginnings: readonly Beginning[]): string =>
  beginnings.length === 0
    ? "No setting was changed here in the two weeks before, and nothing was seen for the first time. What changed may be in the ERP or in SCAYLE."
    : "What changed in the days around it. That it happened at the same time is no proof.";

/** "Clears 332 of its 370 exceptions over 3,104.20 EUR, leaves 38 to people, makes 2 new ones, loses no match." */
export function fixSentence({ cleared, left, others, made }: FixEffect, matchesLost: number): string {
  const sum = (rows: readonly Readonly<{ count: number }>[]) => rows.reduce((all, row) => all + row.count, 0);
  const [done, rest, along, fresh] = [sum(cleared), sum(left), sum(others), sum(made)];
  const over = cleared
    .filter((one) => one.extent > 0n)
    .map((one) => `${formatAmount(one.extent, one.currency)} ${one.currency}`);
  const of =
    done === done + rest && done > 1
      ? `all ${number(done)}`
      : `${number(done)} of its ${number(done + rest)}`;
  return [
    done === 0
      ? `Clears none of its ${counted(rest, "exception", "exceptions")}`
      : `Clears ${of} ${done + rest === 1 ? "exception" : "exceptions"}${over.length > 0 ? ` over ${together(over)}` : ""}`,
    ...(rest > 0 ? [`leaves ${number(rest)} to people`] : []),
    ...(along > 0 ? [`clears ${number(along)} of other root causes`] : []),
    fresh > 0 ? `makes ${number(fresh)} new ${fresh === 1 ? "one" : "ones"}` : "makes no new one",
    `${matchesLost === 0 ? "loses no match" : `loses ${counted(matchesLost, "match", "matches")}`}.`,
  ].join(", ");
}
