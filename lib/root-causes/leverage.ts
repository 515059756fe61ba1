/*
 * How much a fix of a root cause is worth doing first: amount × age × exceptions cleared, in one currency.
 *
 *   w(e)      what an exception is about: the largest of its net, tax and gross without signs, in minor units; at least 1, since
 *             a missing tax code is one even where no amount differs
 *   age(e)    days from its business day (the day it was found, where it has none) to today, today included
 *   leverage  count × Σ w(e) × age(e) over the open exceptions e
 *
 * Σ w × age = (today + 1) × Σ w − Σ w × day, so two sums that are kept give it on any day, and no exception is read.
 * Amounts of several currencies are never added: a root cause has a leverage in each, and is ranked within each.
 */

const EPOCH_DAYS = "($today::date - DATE '1970-01-01')";

/** The leverage of a row of `root_cause_amount` (alias a) for SQL; `today` is the parameter that holds the day. */
export const leverageSql = (today: string): string =>
  `(a.count * (a.weight * (${EPOCH_DAYS.replace("$today", today)} + 1) - a.weight_days))`;

/** The same of what an exception each is about and its age in days: the definition, for tests. */
export const leverageOf = (exceptions: readonly Readonly<{ extent: bigint; ageDays: number }>[]): bigint =>
  BigInt(exceptions.length) *
  exceptions.reduce(
    (all, { extent, ageDays }) => all + (extent > 0n ? extent : 1n) * BigInt(ageDays + 1),
    0n,
  );
