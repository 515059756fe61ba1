import "server-only";
import { appPool } from "@/lib/db/pool";
import { feedAtCutOff } from "@/lib/domain/cut-off";
import type { Month } from "@/lib/domain/day";

type FeedAt = Readonly<{ id: string; resource: string; shop: string | null; confirmedUntil: Date | null }>;

/** The cut-off of a month of an entity, and how the feeds of its financial lane stand to it. */
export type CutOff = Readonly<{
  month: Month;
  at: Date;
  /** after the month's end in the entity's time zone */
  hours: number;
  /** where the hours come from */
  from: "month" | "entity" | "posting lag";
  setBy: string | null;
  reason: string | null;
  feeds: readonly (FeedAt & Readonly<{ state: ReturnType<typeof feedAtCutOff> }>)[];
}>;

/** Reads the cut-off of a month; null for an entity that nobody knows. */
export async function findCutOff(entityId: string, month: Month, now: Date): Promise<CutOff | null> {
  const { rows } = await appPool().query<Omit<CutOff, "feeds">>(
    // The month's end is midnight where the books are kept; hours are real ones, whatever the clocks do that night.
    `SELECT $2::text AS month, coalesce(p.hours, e.cut_off_hours, e.posting_lag_hours) AS hours,
            CASE WHEN p.hours IS NOT NULL THEN 'month' WHEN e.cut_off_hours IS NOT NULL THEN 'entity' ELSE 'posting lag' END AS "from",
            ((to_date($2, 'YYYY-MM') + interval '1 month')::timestamp AT TIME ZONE e.time_zone)
              + make_interval(hours => coalesce(p.hours, e.cut_off_hours, e.posting_lag_hours)) AS at,
            p.set_by AS "setBy", p.reason
       FROM entity e LEFT JOIN period_cut_off p ON p.entity_id = e.id AND p.month = $2 WHERE e.id = $1`,
    [entityId, month],
  );
  const [found] = rows;
  if (!found) return null;
  const { rows: feeds } = await appPool().query<FeedAt>(
    `SELECT f.id, f.resource, s.name AS shop, f.confirmed_until AS "confirmedUntil"
       FROM feed f JOIN connection c ON c.id = f.connection_id LEFT JOIN shop s ON s.id = f.shop_id
      WHERE f.entity_id = $1 AND f.lane = 'financial' AND f.resource IN ('orders', 'ledger-documents', 'invoices')
        AND c.retired_at IS NULL ORDER BY c.side DESC, f.id`,
    [entityId],
  );
  return {
    ...found,
    feeds: feeds.map((feed) => ({ ...feed, state: feedAtCutOff(feed.confirmedUntil, found.at, now) })),
  };
}
