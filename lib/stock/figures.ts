import type pg from "pg";
import type { ItemFigures } from "./judge";
import type { StockPolicy } from "./policy";

/** An item as both sides were read last. */
export type ItemRead = ItemFigures &
  Readonly<{
    itemKey: string;
    erpItem: string | null;
    name: string | null;
    /** where SCAYLE sells it, of the company's warehouses; "" is one that it does not name */
    warehouses: readonly string[];
    /** orders that wait for it */
    orders: number;
    erpAt: Date | null;
    scayleAt: Date;
    ordersAt: Date | null;
  }>;

/**
 * Every item of an entity that SCAYLE sells, with the ERP's figure and the pieces of orders around the two moments. An ERP item
 * is the SKU that the confirmed mapping makes of it, else the one of its own number. `only`: of these SKUs; null: of all.
 */
export async function readFigures(
  client: pg.ClientBase,
  entityId: string,
  policy: StockPolicy,
  only: readonly string[] | null = null,
): Promise<readonly ItemRead[]> {
  const { rows } = await client.query<ItemRead>(FIGURES, [
    entityId,
    policy.warehouses,
    policy.toldWithinMinutes,
    policy.movesOn,
    only,
  ]);
  return rows;
}

// t_s: when SCAYLE's stock was read. t_e: the ERP's snapshot. What moved on one side after the other was read counts as in flight:
// for SCAYLE's sake also what the ERP moved within the time in which SCAYLE has to be told.
const FIGURES = `
  WITH scayle AS (
    SELECT i.connection_id, i.item_key, i.answered_at AS at, sum(l.quantity) AS sellable, max(l.answered_at) AS moved_at,
           min(l.changed_at) AS told_at, bool_or(coalesce(l.without_stock, false)) AS without_stock,
           array_agg(DISTINCT l.warehouse ORDER BY l.warehouse) AS warehouses
      FROM connection c JOIN stock_item i ON i.connection_id = c.id
      JOIN stock_level l ON l.connection_id = i.connection_id AND l.item_key = i.item_key AND l.measure = 'sellable'
       AND (cardinality($2::text[]) = 0 OR l.warehouse = ANY ($2::text[]))
     WHERE c.entity_id = $1 AND c.side = 'scayle' AND c.retired_at IS NULL AND i.gone_at IS NULL AND i.answered_at IS NOT NULL
       AND ($5::text[] IS NULL OR i.item_key = ANY ($5::text[]))
     GROUP BY 1, 2, 3),
  erp AS (
    SELECT i.connection_id, i.item_key, coalesce(m.sku, i.item_key) AS sku, i.name, i.answered_at AS at,
           sum(l.quantity) FILTER (WHERE l.measure = 'on-hand') AS on_hand,
           sum(l.quantity) FILTER (WHERE l.measure = 'reserved') AS reserved,
           max(l.answered_at) FILTER (WHERE l.measure = 'on-hand') AS moved_at
      FROM connection c JOIN stock_item i ON i.connection_id = c.id
      JOIN stock_level l ON l.connection_id = i.connection_id AND l.item_key = i.item_key
      LEFT JOIN LATERAL (SELECT sku FROM item_mapping m WHERE m.entity_id = $1 AND m.erp_kind = 'item' AND m.erp_item = i.item_key
          AND m.confirmed_at IS NOT NULL AND m.sku IS NOT NULL ORDER BY m.erp_variant, m.sku LIMIT 1) m ON true
     WHERE c.entity_id = $1 AND c.side = 'erp' AND c.retired_at IS NULL AND i.gone_at IS NULL AND i.answered_at IS NOT NULL
     GROUP BY 1, 2, 3, 4, 5),
  known AS (
    -- Of each shop the newest moment up to which its orders are known; of all shops the oldest.
    SELECT min(until) AS at FROM (SELECT max(f.confirmed_until) AS until FROM feed f JOIN connection c ON c.id = f.connection_id
       WHERE c.entity_id = $1 AND c.side = 'scayle' AND c.retired_at IS NULL AND f.resource IN ('orders', 'status')
       GROUP BY f.connection_id, f.shop_id) shops),
  both_sides AS (
    SELECT s.*, e.item_key AS erp_item, e.connection_id AS erp_connection, e.name, e.at AS erp_at, e.on_hand, e.reserved,
           e.moved_at AS erp_moved_at, coalesce(e.at, s.at) AS t_e, k.at AS orders_at
      FROM scayle s CROSS JOIN known k LEFT JOIN erp e ON e.sku = s.item_key AND e.on_hand IS NOT NULL)
  SELECT b.item_key AS "itemKey", b.erp_item AS "erpItem", b.name, b.warehouses, trim_scale(b.on_hand)::text AS "onHand",
         trim_scale(b.reserved)::text AS reserved, trim_scale(b.sellable)::text AS sellable, b.without_stock AS "withoutStock",
         b.erp_at AS "erpAt", b.at AS "scayleAt", b.orders_at AS "ordersAt",
         coalesce(b.orders_at >= greatest(b.at, b.t_e), false) AS "ordersKnown",
         trim_scale(CASE WHEN b.erp_moved_at > b.at - make_interval(mins => $3) THEN b.on_hand - coalesce(ep.quantity, b.on_hand) ELSE 0 END)::text AS "erpMoved",
         trim_scale(CASE WHEN b.moved_at > b.t_e THEN b.sellable - coalesce(sp.quantity, b.sellable) ELSE 0 END)::text AS "scayleMoved",
         coalesce(c.promised, 0) AS promised, coalesce(c.posted, 0) AS posted, coalesce(c.leaving, 0) AS leaving, coalesce(c.fresh, 0) AS fresh,
         coalesce(c.taken_after, 0) AS "takenAfter", coalesce(c.taken_before, 0) AS "takenBefore",
         coalesce(c.cancelled_after, 0) AS "cancelledAfter", coalesce(c.cancelled_before, 0) AS "cancelledBefore",
         coalesce(c.blocked, 0) AS blocked, coalesce(c.orders, 0) AS orders
    FROM both_sides b
    LEFT JOIN LATERAL (SELECT sum(p.quantity) AS quantity FROM (SELECT DISTINCT ON (r.warehouse, r.merchant) r.quantity FROM stock_reading r
        WHERE b.erp_moved_at > b.at - make_interval(mins => $3) AND r.connection_id = b.erp_connection AND r.item_key = b.erp_item
          AND r.measure = 'on-hand' AND r.answered_at <= b.at - make_interval(mins => $3)
        ORDER BY r.warehouse, r.merchant, r.answered_at DESC, r.seen_at DESC) p) ep ON true
    LEFT JOIN LATERAL (SELECT sum(p.quantity) AS quantity FROM (SELECT DISTINCT ON (r.warehouse, r.merchant) r.quantity FROM stock_reading r
        WHERE b.moved_at > b.t_e AND r.connection_id = b.connection_id AND r.item_key = b.item_key AND r.measure = 'sellable'
          AND (cardinality($2::text[]) = 0 OR r.warehouse = ANY ($2::text[])) AND r.answered_at <= b.t_e
        ORDER BY r.warehouse, r.merchant, r.answered_at DESC, r.seen_at DESC) p) sp ON true
    LEFT JOIN LATERAL (
      SELECT count(DISTINCT k.order_key) FILTER (WHERE k.is_promised)::int AS orders,
             sum(k.quantity) FILTER (WHERE k.is_promised)::int AS promised,
             sum(k.quantity) FILTER (WHERE k.is_promised AND EXISTS (SELECT FROM line l WHERE l.order_key = k.order_key AND l.side = 'erp'
                AND l.document_kind = 'sale' AND l.in_books AND l.item_key = b.item_key))::int AS posted,
             sum(k.quantity) FILTER (WHERE k.taken_at <= b.t_e AND k.left_at <= b.t_e
                AND k.left_at > b.t_e - make_interval(mins => $3))::int AS leaving,
             sum(k.quantity) FILTER (WHERE k.is_promised AND k.taken_at > b.t_e - make_interval(mins => $3))::int AS fresh,
             sum(k.quantity) FILTER (WHERE k.taken_at > b.t_e AND k.taken_at <= b.at)::int AS taken_after,
             sum(k.quantity) FILTER (WHERE k.is_promised AND k.taken_at > b.at)::int AS taken_before,
             sum(k.quantity) FILTER (WHERE k.taken_at <= b.t_e AND k.cancelled_at > b.t_e AND k.cancelled_at <= b.at)::int AS cancelled_after,
             sum(k.quantity) FILTER (WHERE k.taken_at <= b.at AND k.cancelled_at > b.at AND k.cancelled_at <= b.t_e)::int AS cancelled_before,
             sum(k.quantity) FILTER (WHERE k.cancelled_at <= least(b.at, b.t_e) AND k.cancelled_at >= b.told_at)::int AS blocked
        FROM (SELECT q.*, q.taken_at <= b.t_e AND (q.left_at IS NULL OR q.left_at > b.t_e)
                     AND (q.cancelled_at IS NULL OR q.cancelled_at > b.t_e) AS is_promised
                FROM (SELECT s.order_key, s.quantity, s.left_at, s.cancelled_at,
                             coalesce(CASE WHEN $4 = 'order-pending' THEN s.placed_at ELSE s.confirmed_at END,
                               CASE WHEN s.left_at IS NOT NULL THEN s.placed_at END) AS taken_at
                        FROM stock_claim s WHERE s.entity_id = $1 AND s.connection_id = b.connection_id AND s.item_key = b.item_key) q) k) c ON true
   ORDER BY b.item_key`;
