import "server-only";
import type pg from "pg";
import { JUDGED_DAYS, type Limit, lateAfter, limitOf, type Measured } from "@/lib/domain/status/lag";
import {
  isTransition,
  type TransitionCode,
  transitionOf,
  transitions,
} from "@/lib/domain/status/transitions";
import { asOfEntity } from "@/lib/matching/settings";
import { loadNormal } from "@/lib/matching/status/normal";
import type { StatusQuery, waitingStates } from "./schema";

export type WaitingCounts = Readonly<Record<(typeof waitingStates)[number], number>>;

/** A transition in a shop: what it normally takes, and how many orders wait for it now. */
export type ShopTransition = Readonly<{
  code: TransitionCode;
  measured: Measured | null;
  limit: Limit;
  waiting: WaitingCounts;
}>;

export type ShopStatus = Readonly<{
  shopId: string;
  name: string;
  transitions: readonly ShopTransition[];
  contradictory: number;
  unknown: number;
  stuck: number;
}>;

export type WaitingOrder = Readonly<{
  orderKey: string;
  reference: string;
  since: Date;
  /** what it is about, in words; null: its step says it */
  says: string | null;
  documents: readonly string[];
  codes: readonly string[];
  /** how many of its items wait */
  items: number;
  /** the open exception that says so: of this step, or of the books where they say the same */
  exceptionId: string | null;
  cause: string | null;
}>;

const PAGE = 50;

/** As of when, and what is normal in each shop of an entity: what orders are held against. */
async function groundOf(pool: pg.Pool, entityId: string, now: Date) {
  const client = await pool.connect();
  try {
    const asOf = await asOfEntity(client, entityId, now);
    const normal = await loadNormal(client, entityId);
    const { rows: shops } = await client.query<{ id: string; name: string }>(
      "SELECT s.id, s.name FROM shop s JOIN connection c ON c.id = s.connection_id WHERE s.entity_id = $1 AND c.retired_at IS NULL ORDER BY s.name, s.id",
      [entityId],
    );
    const { rows } = await client.query<{ hours: number }>(
      "SELECT posting_lag_hours AS hours FROM entity WHERE id = $1",
      [entityId],
    );
    const hours = rows[0]?.hours ?? 0;
    const of = (shopId: string) =>
      transitions.map((transition) => {
        const measured = normal(shopId, transition.code);
        return { code: transition.code, measured, limit: limitOf(transition, measured, hours) };
      });
    return { asOf, shops, of };
  } finally {
    client.release();
  }
}

/** From when on a step is late, and stuck, per shop and step: as parallel arrays for SQL. */
function boundsOf(
  shops: readonly Readonly<{ id: string }>[],
  of: (shopId: string) => readonly Omit<ShopTransition, "waiting">[],
) {
  const all = shops.flatMap(({ id }) =>
    of(id).map(({ code, measured, limit }) => ({
      shop: id,
      code,
      late: lateAfter(limit, measured),
      stuck: limit.seconds,
    })),
  );
  return [
    all.map((one) => one.shop),
    all.map((one) => one.code),
    all.map((one) => one.late),
    all.map((one) => one.stuck),
  ] as const;
}

const BOUNDS = "unnest($3::text[], $4::text[], $5::float8[], $6::float8[]) AS b(shop_id, step, late, stuck)";
const JUDGED = `s.entity_id = $1 AND coalesce(o.placed_at, o.confirmed_at) >= $2::timestamptz - make_interval(days => ${JUDGED_DAYS})`;
const WAITED = "extract(epoch FROM $2::timestamptz - s.since)";

/** How the orders of each shop of an entity stand, from what was written down when they were matched. */
export async function findStatus(
  pool: pg.Pool,
  entityId: string,
  now: Date,
): Promise<Readonly<{ asOf: Date; shops: readonly ShopStatus[] }>> {
  const { asOf, shops, of } = await groundOf(pool, entityId, now);
  const [waiting, others] = await Promise.all([
    pool.query<{ shop_id: string; step: string } & Readonly<{ ontime: number; late: number; stuck: number }>>(
      `SELECT s.shop_id, s.step, count(*) FILTER (WHERE ${WAITED} <= b.late)::int AS ontime,
              count(*) FILTER (WHERE ${WAITED} > b.late AND ${WAITED} <= b.stuck)::int AS late,
              count(*) FILTER (WHERE ${WAITED} > b.stuck)::int AS stuck
         FROM status_step s JOIN sales_order o ON o.order_key = s.order_key JOIN ${BOUNDS} ON b.shop_id = s.shop_id AND b.step = s.step
        WHERE ${JUDGED} AND s.kind = 'waiting' GROUP BY s.shop_id, s.step`,
      [entityId, asOf, ...boundsOf(shops, of)],
    ),
    pool.query<{ shop_id: string; kind: string; count: number }>(
      `SELECT s.shop_id, s.kind, count(DISTINCT s.order_key)::int AS count FROM status_step s JOIN sales_order o ON o.order_key = s.order_key
        WHERE ${JUDGED} AND s.kind IN ('contradictory', 'unknown') GROUP BY s.shop_id, s.kind`,
      [entityId, asOf],
    ),
  ]);
  const counts = new Map(waiting.rows.map((row) => [`${row.shop_id} ${row.step}`, row]));
  const other = new Map(others.rows.map((row) => [`${row.shop_id} ${row.kind}`, row.count]));
  return {
    asOf,
    shops: shops.map(({ id, name }) => {
      const own = of(id).map((one) => {
        const row = counts.get(`${id} ${one.code}`);
        return {
          ...one,
          waiting: { "on-time": row?.ontime ?? 0, late: row?.late ?? 0, stuck: row?.stuck ?? 0 },
        };
      });
      return {
        ...{ shopId: id, name, transitions: own },
        contradictory: other.get(`${id} contradictory`) ?? 0,
        unknown: other.get(`${id} unknown`) ?? 0,
        stuck: own.reduce((sum, one) => sum + one.waiting.stuck, 0),
      };
    }),
  };
}

/** A page of the orders behind one of these counts, those that wait longest first. */
export async function listWaiting(
  pool: pg.Pool,
  entityId: string,
  { shop, step, as, page }: StatusQuery & Readonly<{ shop: string }>,
  now: Date,
): Promise<Readonly<{ rows: readonly WaitingOrder[]; total: number; pageSize: number }>> {
  const { asOf, of } = await groundOf(pool, entityId, now);
  const isOther = step === "contradictory" || step === "unknown";
  const instead = step !== undefined && isTransition(step) ? transitionOf(step).instead : [];
  const within =
    as === "stuck"
      ? `${WAITED} > b.stuck`
      : as === "late"
        ? `${WAITED} > b.late AND ${WAITED} <= b.stuck`
        : `${WAITED} <= b.late`;
  const { rows } = await pool.query<WaitingOrder & { total: number }>(
    `SELECT s.order_key AS "orderKey", o.reference, s.since, s.detail ->> 'says' AS says,
            coalesce(ARRAY(SELECT jsonb_array_elements_text(s.detail -> 'documents')), '{}') AS documents,
            coalesce(ARRAY(SELECT jsonb_array_elements_text(s.detail -> 'codes')), '{}') AS codes,
            coalesce(jsonb_array_length(s.detail -> 'items'), 0) AS items, x.id AS "exceptionId", x.cause,
            count(*) OVER ()::int AS total
       FROM status_step s JOIN sales_order o ON o.order_key = s.order_key
       LEFT JOIN ${BOUNDS} ON b.shop_id = s.shop_id AND b.step = s.step
       LEFT JOIN LATERAL (SELECT e.id, e.cause FROM exception e
          WHERE e.order_key = s.order_key AND e.state NOT IN ('resolved', 'explained')
            AND ((e.cause = 'status-drift' AND e.source_line LIKE s.step || ' %') OR e.cause = ANY ($10::text[]))
          ORDER BY e.cause <> 'status-drift', e.first_seen_at, e.id LIMIT 1) AS x ON true
      WHERE ${JUDGED} AND s.shop_id = $7
        AND ${isOther ? "s.kind = $8" : `s.kind = 'waiting' AND s.step = $8 AND ${within}`}
      ORDER BY s.since, s.order_key LIMIT ${PAGE} OFFSET $9`,
    [entityId, asOf, ...boundsOf([{ id: shop }], of), shop, step, (page - 1) * PAGE, instead],
  );
  return { rows, total: rows[0]?.total ?? 0, pageSize: PAGE };
}
