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
}>;

/** The tie-out strip of one entity, period and currency; `ended`: whether the month is over where the entity keeps its books. */
export function stripOf(totals: Totals, ended: boolean): Strip {
  const { entity, period, currency } = totals;
  const of = `entity=${encodeURIComponent(entity)}`;
  const lines = (side: string) => `/close/${period}/lines?${of}&side=${side}&currency=${currency}`;
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
  };
}
