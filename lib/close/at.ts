import "server-only";
import type { Month } from "@/lib/domain/day";
import {
  type FiguresMoment,
  findMoment,
  findTotalsAt,
  hadFigures,
  instantOf,
  timeZoneOf,
} from "@/lib/moves/moments";
import { momentText, momentWords, pastOf } from "@/lib/moves/past";
import { momentFrom } from "@/lib/moves/schema";
import { AtQuery } from "./schema";

/** The moment as at which a page of the close is looked at. */
export type At = Readonly<{
  /** as the address has it */
  asked: string;
  instant: Date;
  /** a sentence where another moment was asked for than can be shown; null: it is that one */
  instead: string | null;
  /** "the end of 12 Nov 2026" */
  words: string;
  /** the figures that stood then; null: nothing was reconciled by then */
  moment: FiguresMoment | null;
  /** whether nothing of the entity at all was reconciled by then */
  nothingYet: boolean;
}>;

/** What a page needs of the moment that its address asks for, with the totals that stood then; null: it shows what is now. */
export async function loadAt(
  entityIds: readonly string[],
  entityId: string,
  month: Month,
  params: Record<string, string | string[] | undefined>,
) {
  const { at } = AtQuery.parse(params);
  const wanted = momentFrom(at);
  if (at === undefined || wanted === null) return null;
  const timeZone = await timeZoneOf(entityId);
  if (timeZone === null) return null;
  const { moment: asked, instead } = pastOf(wanted, new Date(), timeZone);
  const instant = await instantOf(entityId, asked);
  if (!instant) return null;
  const moment = await findMoment(entityIds, entityId, month, asked);
  return {
    asked: momentText(asked),
    instead,
    instant,
    words: momentWords(asked, timeZone),
    moment,
    nothingYet: moment === null && !(await hadFigures(entityId, instant)),
    totals: () => findTotalsAt(entityId, month, moment?.at ?? null),
  } satisfies At & { totals: unknown };
}
