import "server-only";
import { Totals } from "@/lib/close/schema";
import { appPool } from "@/lib/db/pool";
import type { Month } from "@/lib/domain/day";
import type { AskedMoment } from "./schema";

/**
 * The totals of a month that stood at a moment: those of the newest reconciliation that was done by then. `at` is when it
 * began, which is the moment of its movements; `shownFrom` when its totals came onto the page.
 */
export type FiguresMoment = Readonly<{ at: Date; shownFrom: Date }>;

/** Which totals of a month stood at a moment (null: now); null where nothing was reconciled by then. */
export async function findMoment(
  entityIds: readonly string[],
  entityId: string,
  period: Month,
  asked: AskedMoment | null,
): Promise<FiguresMoment | null> {
  const day = asked && "day" in asked ? asked.day : null;
  const instant = asked && "instant" in asked ? asked.instant : null;
  const { rows } = await appPool().query<FiguresMoment>(
    `SELECT s.made_at AS at, r.finished_at AS "shownFrom"
       FROM period_summary s JOIN run r ON r.id = s.run_id
      WHERE s.entity_id = $2 AND s.entity_id = ANY($1) AND s.period = $3
        AND r.finished_at <= coalesce($4::timestamptz, ($5::date + 1)::timestamp AT TIME ZONE (SELECT time_zone FROM entity WHERE id = $2), 'infinity')
      ORDER BY s.made_at DESC, s.run_id LIMIT 1`,
    [[...entityIds], entityId, period, instant, day],
  );
  return rows[0] ?? null;
}

/** Whether anything of an entity, of whichever month, had been reconciled by an instant. */
export async function hadFigures(entityId: string, instant: Date): Promise<boolean> {
  const { rows } = await appPool().query<{ had: boolean }>(
    `SELECT EXISTS (SELECT FROM period_summary s JOIN run r ON r.id = s.run_id
      WHERE s.entity_id = $1 AND r.finished_at <= $2) AS had`,
    [entityId, instant],
  );
  return rows[0]?.had ?? false;
}

/** The instant that a moment is: a day ends where the entity keeps its books. Null for an entity that nobody knows. */
export async function instantOf(entityId: string, asked: AskedMoment): Promise<Date | null> {
  if ("instant" in asked) return asked.instant;
  const { rows } = await appPool().query<{ at: Date }>(
    "SELECT ($2::date + 1)::timestamp AT TIME ZONE time_zone AS at FROM entity WHERE id = $1",
    [entityId, asked.day],
  );
  return rows[0]?.at ?? null;
}

/** The totals of a month as the reconciliation of a moment stored them, by currency; none for no moment. */
export async function findTotalsAt(
  entityId: string,
  period: Month,
  at: Date | null,
): Promise<readonly Readonly<{ totals: Totals; asOf: Date }>[]> {
  if (at === null) return [];
  const { rows } = await appPool().query<{ totals: unknown; asOf: Date }>(
    `SELECT totals, as_of AS "asOf" FROM period_summary s
      WHERE entity_id = $1 AND period = $2 AND run_id = (
        SELECT run_id FROM period_summary WHERE entity_id = $1 AND period = $2 AND made_at = $3 ORDER BY run_id LIMIT 1)
      ORDER BY currency`,
    [entityId, period, at],
  );
  return rows.map(({ totals, asOf }) => ({ totals: Totals.parse(totals), asOf }));
}

/** From when on movements of a month are kept; null: from its beginning. */
export async function findKeptSince(entityId: string, period: Month): Promise<Date | null> {
  const { rows } = await appPool().query<{ at: Date | null }>(
    "SELECT min(at) AS at FROM tally_event WHERE entity_id = $1 AND period = $2 AND why = 'before'",
    [entityId, period],
  );
  return rows[0]?.at ?? null;
}

/** When a month was signed last, whether its figures moved since or not; null: it is not signed. */
export async function findSignedAt(entityId: string, period: Month): Promise<Date | null> {
  const { rows } = await appPool().query<{ at: Date | null }>(
    "SELECT max(signed_at) AS at FROM period_sign_off WHERE entity_id = $1 AND month = $2 AND withdrawn_at IS NULL",
    [entityId, period],
  );
  return rows[0]?.at ?? null;
}

/** Where an entity keeps its books; null for one that nobody knows. */
export async function timeZoneOf(entityId: string): Promise<string | null> {
  const { rows } = await appPool().query<{ zone: string }>(
    "SELECT time_zone AS zone FROM entity WHERE id = $1",
    [entityId],
  );
  return rows[0]?.zone ?? null;
}
