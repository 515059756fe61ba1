import type pg from "pg";
import { createHttpClient } from "@/lib/connectors/http";
import { sleep } from "@/lib/connectors/sleep";
import { toJson } from "@/lib/domain/json";
import { loadFeeds, openOrders } from "@/lib/sync/feeds";

/** What the sources have, held against what is stored. */
export type Comparison = Readonly<{
  /** orders that the sources list */
  listed: number;
  /** ids of those that are not here */
  missing: readonly string[];
  /** ids of those that are here otherwise than the source has them */
  different: readonly string[];
}>;

/**
 * Lists the orders of every shop at the source over HTTP (those changed since, null: all), translates each anew and
 * compares it, value by value, with what is stored of it.
 */
export async function compareWithSource(pool: pg.Pool, since: Date | null): Promise<Comparison> {
  const http = createHttpClient({ fetch, now: () => new Date(), sleep, random: Math.random });
  const io = { http, signal: new AbortController().signal };
  const missing: string[] = [];
  const different: string[] = [];
  let listed = 0;
  for (const feed of (await loadFeeds(pool, {})).filter((one) => one.resource === "orders")) {
    const pages = openOrders(feed, io).orders(feed.shop ?? "", { modifiedSince: since, after: null });
    for await (const { readings } of pages) {
      listed += readings.length;
      // What the source itself states wrongly is kept as failed, and is no order here.
      const orders = readings.flatMap(({ sourceId, result }) =>
        result.ok ? [{ sourceId, content: toJson(result.value) }] : [],
      );
      const { rows } = await pool.query<{ id: string; held: boolean }>(
        `SELECT x.id, o.order_key IS NOT NULL AS held
           FROM unnest($2::text[], $3::text[]) AS x(id, content)
           LEFT JOIN sales_order o ON o.connection_id = $1 AND o.source_id = x.id
          WHERE o.content IS DISTINCT FROM x.content::jsonb`,
        [feed.connectionId, orders.map((one) => one.sourceId), orders.map((one) => one.content)],
      );
      for (const { id, held } of rows) (held ? different : missing).push(id);
    }
  }
  return { listed, missing, different };
}
