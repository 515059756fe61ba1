import type { Day } from "@/lib/domain/day";
import type { Minor } from "@/lib/domain/money";
import { explainedOf } from "./bridge";
import type { Totals } from "./schema";

type Figure = Readonly<{ minor: Minor; href: string }>;

/** SCAYLE − explained − unexplained = ERP, gross, each figure with the address of its rows. */
export type Strip = Readonly<{
  currency: string;
  scayle: Figure;
  explained: Figure;
  unexplained: Figure;
  erp: Figure;
  tiesOut: boolean;
  /** whether the month is over: before, what is explained is often only on its way */
  ended: boolean;
  /** of a closed month, whose figures are those that are locked: what it comes to now, and the difference */
  locked: Readonly<{
    /** the day it was locked where the books are kept */
    day: Day;
    live: Readonly<{ scayle: Minor; erp: Minor }>;
    late: Readonly<{ scayle: Minor; erp: Minor }>;
    href: string;
  }> | null;
}>;

/** What is locked of a closed month in one currency, gross. */
export type LockedFigures = Readonly<{ scayle: Minor; erp: Minor; unexplained: Minor; day: Day }>;

/**
 * The tie-out strip of one entity, period and currency; `ended`: whether the month is over where the entity keeps its books.
 * `locked`: of a closed month what is locked, which is what the strip then shows, with what is live beside it.
 */
export function stripOf(totals: Totals, ended: boolean, locked: LockedFigures | null = null): Strip {
  const { entity, period, currency } = totals;
  const of = `entity=${encodeURIComponent(entity)}`;
  const lines = (side: string) => `/close/${period}/lines?${of}&side=${side}&currency=${currency}`;
  const live = { scayle: totals.scayle.gross, erp: totals.erp.gross };
  if (locked) {
    const held = (side: string) => `/close/${period}/locked?${of}&side=${side}`;
    const { scayle, erp, unexplained, day } = locked;
    return {
      currency,
      scayle: { minor: scayle, href: held("scayle") },
      explained: { minor: scayle - unexplained - erp, href: `/close/${period}/locked?${of}&of=causes` },
      unexplained: { minor: unexplained, href: `/close/${period}/locked?${of}&of=causes&cause=unexplained` },
      erp: { minor: erp, href: held("erp") },
      tiesOut: true,
      ended,
      locked: {
        day,
        live,
        late: { scayle: live.scayle - scayle, erp: live.erp - erp },
        href: `/close/${period}?${of}#late`,
      },
    };
  }
  return {
    currency,
    scayle: { minor: totals.scayle.gross, href: lines("scayle") },
    explained: { minor: explainedOf(totals), href: `/close/${period}?${of}#causes-${currency}` },
    unexplained: {
      minor: totals.unexplained.gross,
      href: `/exceptions?${of}&period=${period}&cause=unexplained&state=all`,
    },
    erp: { minor: totals.erp.gross, href: lines("erp") },
    tiesOut: totals.tiesOut,
    ended,
    locked: null,
  };
}
