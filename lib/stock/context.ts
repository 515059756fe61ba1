import type pg from "pg";
import { stockDrift } from "@/lib/causes/stock-drift";
import { loadStockPolicy } from "./policy";

/** Exactly what a push of an item's stock is planned from, as both sides were read last. */
export type StockNow = Readonly<{
  itemKey: string;
  onHand: string;
  promised: string;
  erpAt: Date;
  /** when SCAYLE's levels were read */
  scayleAt: Date;
  /** pieces ordered since the ERP's snapshot, as far as SCAYLE's orders are read: SCAYLE takes them off a push by itself */
  orderedSince: number;
  levels: readonly Readonly<{
    warehouse: string;
    merchant: string | null;
    quantity: string;
    withoutStock: boolean | null;
    /** the stamp that SCAYLE goes by there, as an ISO time; null: it shows none */
    changedAt: string | null;
  }>[];
  main: string | null;
}>;

/** The items of exceptions about stock that drift now, by the exception's id. */
export async function stockContextsIn(
  client: pg.PoolClient,
  entityId: string,
  subjects: readonly Readonly<{ orderKey: string; id: string }>[],
): Promise<ReadonlyMap<string, StockNow>> {
  const { main, movesOn } = await loadStockPolicy(client, entityId);
  const { rows } = await client.query<Omit<StockNow, "main"> & { id: string }>(
    `SELECT e.id, s.item_key AS "itemKey", trim_scale(s.on_hand)::text AS "onHand", trim_scale(s.promised)::text AS promised,
            s.erp_at AS "erpAt", s.scayle_at AS "scayleAt",
            (SELECT coalesce(sum(k.quantity), 0)::int FROM stock_claim k WHERE k.entity_id = s.entity_id AND k.item_key = s.item_key
                AND k.cancelled_at IS NULL AND CASE WHEN $5 = 'order-pending' THEN k.placed_at ELSE k.confirmed_at END > s.erp_at) AS "orderedSince",
            (SELECT coalesce(json_agg(json_build_object('warehouse', l.warehouse, 'merchant', nullif(l.merchant, ''),
                      'quantity', trim_scale(l.quantity)::text, 'withoutStock', l.without_stock, 'changedAt', l.changed_at) ORDER BY l.warehouse, l.merchant), '[]')
               FROM stock_level l JOIN connection c ON c.id = l.connection_id LEFT JOIN stock_policy p ON p.entity_id = c.entity_id
              WHERE c.entity_id = $1 AND c.side = 'scayle' AND c.retired_at IS NULL AND l.item_key = s.item_key AND l.measure = 'sellable'
                AND (cardinality(coalesce(p.warehouses, '{}')) = 0 OR l.warehouse = ANY (p.warehouses))) AS levels
       FROM exception e JOIN unnest($2::uuid[], $3::uuid[]) AS k(order_key, id) ON k.order_key = e.order_key AND k.id = e.id
       JOIN stock_standing s ON s.entity_id = e.entity_id AND s.item_key = e.document_number
      WHERE e.entity_id = $1 AND e.cause = $4 AND e.state <> 'resolved' AND s.on_hand IS NOT NULL AND s.erp_at IS NOT NULL`,
    [entityId, subjects.map((one) => one.orderKey), subjects.map((one) => one.id), stockDrift.code, movesOn],
  );
  return new Map(rows.map(({ id, ...row }) => [id, { ...row, main }]));
}
