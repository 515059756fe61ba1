import { addDays, dayIn, dayName, wallClockIn } from "@/lib/domain/day";
import { type AskedMoment, endOf } from "./schema";

/** A moment that has come, and a sentence where another was asked for. */
type PastMoment = Readonly<{ moment: AskedMoment; instead: string | null }>;

/**
 * The moment that is asked for, or the last one that can be shown: figures as at the end of a day are told once it is over, where
 * the entity keeps its books.
 */
export function pastOf(asked: AskedMoment, now: Date, timeZone: string): PastMoment {
  if ("instant" in asked)
    return asked.instant <= now
      ? { moment: asked, instead: null }
      : { moment: { instant: now }, instead: "That moment has not come yet: this is as it is now." };
  const today = dayIn(now, timeZone);
  if (asked.day < today) return { moment: asked, instead: null };
  const day = addDays(today, -1);
  return {
    moment: { day },
    instead: `${endOf(asked.day).replace(/^t/, "T")} has not come yet: this is ${endOf(day)}, the last day that is over.`,
  };
}

/** "the end of 12 Nov 2026", "12 Nov 2026 09:30:00" */
export const momentWords = (moment: AskedMoment, timeZone: string): string =>
  "day" in moment
    ? endOf(moment.day)
    : `${dayName(dayIn(moment.instant, timeZone))} ${wallClockIn(moment.instant, timeZone).slice(11)}`;

/** A moment as an address has it. */
export const momentText = (moment: AskedMoment): string =>
  "day" in moment ? moment.day : moment.instant.toISOString();
