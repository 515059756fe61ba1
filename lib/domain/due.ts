import { type Day, dayIn, dayName, daysBetween } from "./day";
import { absolute, exponentOf, formatAmount, type KnownAmounts, largest, type Minor } from "./money";
import { addWorkingDays, type WorkingCalendar } from "./working-days";

/** From so many major units of a currency on, so many working days. */
export type DueStep = Readonly<{ fromMajor: bigint; workingDays: number }>;

/** What an entity gives people to act: the largest step that an amount reaches counts. */
export type DueRules = Readonly<{
  /** steps by currency; `*` for every currency without steps of its own */
  steps: ReadonlyMap<string, readonly DueStep[]>;
  calendar: WorkingCalendar;
  /** what is older than so many days by business date when it is found is due as the next larger step; null: age does not count */
  olderThan: number | null;
}>;

/** A month that is over is being closed: what is of it cannot wait as long as what is of this one. */
export const DEFAULT_OLDER_THAN = 30;

/** When something was found, and the business date of what it is about; null: it has none, and no age. */
export type Found = Readonly<{ at: Date; timeZone: string; businessDay?: Day | null | undefined }>;

/** Large amounts first: at least 10,000 in one working day, at least 1,000 in three, all else in five. */
export const DEFAULT_STEPS: readonly DueStep[] = [
  { fromMajor: 10_000n, workingDays: 1 },
  { fromMajor: 1_000n, workingDays: 3 },
  { fromMajor: 0n, workingDays: 5 },
];

/** A day by which somebody must have acted, and the rule that made it this one. */
export type Due = Readonly<{ day: Day; why: string }>;

/**
 * When something of this worth (minor units of its currency, sign and exponent taken care of) is due that was found at an
 * instant. Amounts of different currencies are never compared: each is measured by its own exponent. What was old already has
 * the time of the next larger step, if that is less.
 */
export function dueOf(
  { steps, calendar, olderThan }: DueRules,
  found: Found,
  worth: Minor,
  currency: string,
): Due {
  const unit = 10n ** BigInt(exponentOf(currency));
  const mine = [...(steps.get(currency) ?? steps.get("*") ?? DEFAULT_STEPS)].sort((a, b) =>
    a.fromMajor < b.fromMajor ? 1 : -1,
  );
  const size = absolute(worth);
  const index = mine.findIndex((step) => size >= step.fromMajor * unit);
  // Below the lowest step there is as much time as it gives.
  const step = mine[index === -1 ? mine.length - 1 : index];
  const own = step?.workingDays ?? 5;
  const above = mine[(index === -1 ? mine.length : index) - 1];
  const from = dayIn(found.at, found.timeZone);
  const isOld =
    olderThan !== null && found.businessDay != null && daysBetween(found.businessDay, from) > olderThan;
  const sooner = isOld && above !== undefined && above.workingDays < own;
  const workingDays = sooner ? above.workingDays : own;
  const major = (amount: bigint) =>
    `${formatAmount(amount * unit, currency).replace(/\.0+$/, "")} ${currency}`;
  const words =
    size === 0n
      ? "No amount"
      : step && step.fromMajor > 0n && index !== -1
        ? `At least ${major(step.fromMajor)}`
        : above
          ? `Less than ${major(above.fromMajor)}`
          : "Any amount";
  const age = sooner ? `, and older than ${olderThan} days when it was found` : "";
  return {
    day: addWorkingDays(from, workingDays, calendar),
    why: `${words}${age}: ${workingDays} working ${workingDays === 1 ? "day" : "days"} after ${dayName(from)}.`,
  };
}

/** What an exception is worth for its due date: the largest of its net, tax and gross in one month, whatever the sign. */
export const worthOf = (amounts: readonly KnownAmounts[]): Minor =>
  largest(amounts.flatMap(({ net, tax, gross }) => [net, tax, gross]));
