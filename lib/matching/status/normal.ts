import type pg from "pg";
import { MEASURED_DAYS, type Measured } from "@/lib/domain/status/lag";

/** What was measured stands for so long before a run of what changed measures again. */
const AGAIN_MINUTES = 60;

/**
 * Measures how long transitions take in each shop of an entity, over what came in the last days as of `asOf`, and forgets what is
 * older. Set-based, and at most once an hour unless `anew`.
 */
export async function measureNormal(
  client: pg.PoolClient,
  entityId: string,
  { asOf, at, anew }: Readonly<{ asOf: Date; at: Date; anew: boolean }>,
): Promise<void> {
  const { rows } = await client.query<{ fresh: boolean }>({
    name: "status-measured",
    text: `SELECT coalesce(max(measured_at) > $2::timestamptz - make_interval(mins => ${AGAIN_MINUTES}), false) AS fresh
             FROM status_normal WHERE entity_id = $1`,
    values: [entityId, at],
  });
  if (rows[0]?.fresh && !anew) return;
  await client.query(
    `DELETE FROM status_step WHERE entity_id = $1 AND kind = 'done' AND until < $2::timestamptz - make_interval(days => ${MEASURED_DAYS})`,
    [entityId, asOf],
  );
  await client.query("DELETE FROM status_normal WHERE entity_id = $1", [entityId]);
  await client.query(
    `INSERT INTO status_normal (entity_id, shop_id, step, median_seconds, p95_seconds, cases, measured_at)
     SELECT entity_id, shop_id, step, took[1], took[2], cases, $3 FROM (
       SELECT entity_id, coalesce(shop_id, '') AS shop_id, step, count(*)::int AS cases,
              percentile_cont(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY extract(epoch FROM until - since)::float8) AS took
         FROM status_step WHERE entity_id = $1 AND kind = 'done' AND until <= $2 GROUP BY entity_id, shop_id, step) measured`,
    [entityId, asOf, at],
  );
}

/** What is measured of an entity, by shop and transition. */
export async function loadNormal(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<(shopId: string | null, step: string) => Measured | null> {
  const { rows } = await client.query<Measured & { shop_id: string; step: string }>(
    `SELECT shop_id, step, median_seconds AS median, p95_seconds AS p95, cases FROM status_normal WHERE entity_id = $1`,
    [entityId],
  );
  const known = new Map(
    rows.map(({ shop_id, step, median, p95, cases }) => [`${step} ${shop_id}`, { median, p95, cases }]),
  );
  return (shopId, step) => known.get(`${step} ${shopId ?? ""}`) ?? null;
}
