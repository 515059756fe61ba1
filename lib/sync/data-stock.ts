import "server-only";
import { appPool } from "@/lib/db/pool";

/** What a stock feed holds. */
export type StockHeld = Readonly<{
  /** items of which a level is known */
  items: number;
  /** items that were never answered yet */
  unread: number;
  /** items that their system has no more */
  gone: number;
  /** readings that said something else than the one before, of the last 24 hours */
  readings: number;
  /** when a level last changed here */
  newest: Date | null;
  levels: readonly StockRow[];
}>;

export type StockRow = Readonly<{
  itemKey: string;
  /** empty: all of them together */
  warehouse: string;
  merchant: string;
  measure: string;
  /** a decimal number as text */
  quantity: string;
  withoutStock: boolean | null;
  /** since when it is so, as the source says; else when it first said so */
  since: Date;
  /** up to when the source has confirmed it */
  confirmedAt: Date | null;
}>;

/** What the stock feed of a connection holds: how much, and the levels that changed last. */
export async function findStockHeld(feedId: string, shown: number): Promise<StockHeld> {
  const pool = appPool();
  const [counts, levels] = await Promise.all([
    pool.query<Omit<StockHeld, "levels">>(
      `SELECT count(*) FILTER (WHERE i.gone_at IS NULL AND i.answered_at IS NOT NULL)::int AS items,
              count(*) FILTER (WHERE i.gone_at IS NULL AND i.answered_at IS NULL)::int AS unread,
              count(*) FILTER (WHERE i.gone_at IS NOT NULL)::int AS gone,
              (SELECT count(*)::int FROM stock_reading r WHERE r.connection_id = f.connection_id
                  AND r.seen_at > now() - interval '24 hours') AS readings,
              (SELECT max(r.seen_at) FROM stock_reading r WHERE r.connection_id = f.connection_id) AS newest
         FROM feed f LEFT JOIN stock_item i ON i.connection_id = f.connection_id WHERE f.id = $1 GROUP BY f.connection_id`,
      [feedId],
    ),
    pool.query<StockRow>(
      `SELECT l.item_key AS "itemKey", l.warehouse, l.merchant, l.measure, trim_scale(l.quantity)::text AS quantity,
              l.without_stock AS "withoutStock", coalesce(l.changed_at, l.answered_at) AS since, i.answered_at AS "confirmedAt"
         FROM feed f JOIN stock_level l ON l.connection_id = f.connection_id
         LEFT JOIN stock_item i ON i.connection_id = l.connection_id AND i.item_key = l.item_key
        WHERE f.id = $1 ORDER BY l.seen_at DESC, l.item_key, l.warehouse, l.merchant, l.measure LIMIT $2`,
      [feedId, shown],
    ),
  ]);
  const none = { items: 0, unread: 0, gone: 0, readings: 0, newest: null };
  return { ...none, ...counts.rows[0], levels: levels.rows };
}
