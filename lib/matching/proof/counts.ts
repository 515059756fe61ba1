import type pg from "pg";

/** The newest second count of each feed for a month. */
export type PeriodCounts = readonly Readonly<{
  feed: string;
  state: string;
  askedAt: Date;
  differing: number;
}>[];

/** The newest second counts of an entity, by month. */
export async function loadCounts(
  client: pg.ClientBase | pg.Pool,
  entityId: string,
): Promise<ReadonlyMap<string, PeriodCounts>> {
  const { rows } = await client.query<{
    period: string;
    feed: string;
    state: string;
    askedAt: Date;
    differing: number;
  }>({
    name: "counts-of-entity",
    text: `SELECT DISTINCT ON (period, feed_id) period, feed_id AS feed, state, asked_at AS "askedAt",
            coalesce((result->>'differing')::int, 0) AS differing
       FROM source_count WHERE entity_id = $1 AND state <> 'unavailable' ORDER BY period, feed_id, asked_at DESC, id`,
    values: [entityId],
  });
  const months = new Map<string, PeriodCounts[number][]>();
  for (const { period, ...count } of rows) months.set(period, [...(months.get(period) ?? []), count]);
  return months;
}

/** What the second counts of a month prove; no proof where none was asked for. */
export function countProof(
  counts: PeriodCounts,
): readonly Readonly<{ name: string; ok: boolean; detail: string }>[] {
  if (counts.length === 0) return [];
  const off = counts.filter((one) => one.state === "differs");
  const detail =
    off.length === 0
      ? `counted again at the source, ${counts.length === 1 ? "the feed agrees" : `all ${counts.length} feeds agree`}`
      : off
          .map((one) => `${one.feed}: ${one.differing} records are not as the source counts them`)
          .join("; ");
  return [{ name: "source-agrees", ok: off.length === 0, detail }];
}
