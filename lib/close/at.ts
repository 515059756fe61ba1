import "server-only";
import type { Month } from "@/lib/domain/day";
import { type FiguresMoment, findMoment, findTotalsAt, instantOf } from "@/lib/moves/moments";
import { endOf, momentFrom } from "@/lib/moves/schema";
import { AtQuery } from "./schema";

/** The moment as at which a page of the close is looked at. */
export type At = Readonly<{
  /** as the address has it */
  asked: string;
  instant: Date;
  /** "the end of 12 Nov 2026" */
  words: string;
  /** the figures that stood then; null: nothing was reconciled by then */
  moment: FiguresMoment | null;
}>;

/** What a page needs of the moment that its address asks for, with the totals that stood then; null: it shows what is now. */
export async function loadAt(
  entityIds: readonly string[],
  entityId: string,
  month: Month,
  params: Record<string, string | string[] | undefined>,
) {
  const { at } = AtQuery.parse(params);
  const asked = momentFrom(at);
  if (at === undefined || asked === null) return null;
  const instant = await instantOf(entityId, asked);
  if (!instant) return null;
  const moment = await findMoment(entityIds, entityId, month, asked);
  return {
    asked: at,
    instant,
    words: "day" in asked ? endOf(asked.day) : "a moment",
    moment,
    totals: () => findTotalsAt(entityId, month, moment?.at ?? null),
  } satisfies At & { totals: unknown };
}
