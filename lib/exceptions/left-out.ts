import type { Day } from "@/lib/domain/day";
import { exponentOf } from "@/lib/domain/money";
import { minorOf } from "./amount-filter";
import type { ExceptionQuery } from "./schema";

/**
 * A filter without one of its bounds, and what that bound leaves out, as conditions on `exception` (named e) that exclude each other:
 * each is found by an index of its own.
 */
export type LeftOut = Readonly<{
  rest: ExceptionQuery;
  conditions: (bind: (value: unknown) => string) => readonly string[];
}>;

/**
 * What a bound of the filter leaves out: "from 5.00" or "overdue" often means nearly everything. Of the rest sums are kept, and the few
 * that are left out are quickly taken off them. Null where there is no such bound, or a month is asked for, in which amounts are others.
 *
 * @param query with its currency, if it asks for an amount
 */
export function leftOutOf(query: ExceptionQuery, today: Day): LeftOut | null {
  const { amountFrom, amountTo, currency, due, period } = query;
  if (period !== undefined) return null;
  if (currency !== undefined && amountFrom !== undefined && amountTo === undefined) {
    const least = minorOf(amountFrom, exponentOf(currency), "from");
    return {
      rest: { ...query, amountFrom: undefined },
      conditions: (bind) => [`e.extent < ${bind(least)}::bigint`],
    };
  }
  if (currency !== undefined && amountTo !== undefined && amountFrom === undefined) {
    const most = minorOf(amountTo, exponentOf(currency), "to");
    return {
      rest: { ...query, amountTo: undefined },
      conditions: (bind) => [`e.extent > ${bind(most)}::bigint`],
    };
  }
  if (due === "overdue")
    return {
      rest: { ...query, due: undefined },
      conditions: (bind) => ["e.due IS NULL", `e.due >= ${bind(today)}::date`],
    };
  return null;
}
