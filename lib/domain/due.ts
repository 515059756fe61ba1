import { type Day, dayIn, dayName } from "./day";
import { absolute, exponentOf, formatAmount, type KnownAmounts, largest, type Minor } from "./money";
import { addWorkingDays, type WorkingCalendar } from "./working-days";

/** From so many major units of a currency on, so many working days. */
export type DueStep = Readonly<{ fromMajor: bigint; workingDays: number }>;

/** What an entity gives people to act: the largest step that an amount reaches counts. */
export type DueRules = Readonly<{
  /** steps by currency; `*` for every currency without steps of its own */
  steps: ReadonlyMap<string, readonly DueStep[]>;
  calendar: WorkingCalendar;
}>;

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
 * instant. Amounts of different currencies are never compared: each is measured by its own exponent.
 */
export function dueOf(
  { steps, calendar }: DueRules,
  found: Readonly<{ at: Date; timeZone: string }>,
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
  const workingDays = step?.workingDays ?? 5;
  const above = mine[(index === -1 ? mine.length : index) - 1];
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
  const from = dayIn(found.at, found.timeZone);
  return {
    day: addWorkingDays(from, workingDays, calendar),
    why: `${words}: ${workingDays} working ${workingDays === 1 ? "day" : "days"} after ${dayName(from)}.`,
  };
}

/** What an exception is worth for its due date: the largest of its net, tax and gross in one month, whatever the sign. */
export const worthOf = (amounts: readonly KnownAmounts[]): Minor =>
  largest(amounts.flatMap(({ net, tax, gross }) => [net, tax, gross]));
