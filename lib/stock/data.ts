import "server-only";
import type pg from "pg";
import { appPool } from "@/lib/db/pool";
import type { InFlight } from "./judge";
import type { StockQuery, StockViewName } from "./schema";

/** What SCAYLE sells of an item in one warehouse. */
export type WarehouseLevel = Readonly<{
  warehouse: string;
  merchant: string | null;
  quantity: string;
  /** the stamp that SCAYLE goes by there; null: it shows none */
  changedAt: string | null;
  withoutStock: boolean | null;
  /** whether the entity's goods lie there */
  isOwn: boolean;
}>;

/** An item's stock on both sides; quantities are decimal texts. */
export type StockItemRow = Readonly<{
  itemKey: string;
  name: string | null;
  onHand: string | null;
  promised: string;
  /** as the ERP states it, and not counted from SCAYLE's orders */
  promisedStated: boolean;
  sellable: string;
  low: string | null;
  high: string | null;
  drift: string;
  atRisk: string;
  orders: number;
  withoutStock: boolean;
  state: string;
  inFlight: readonly InFlight[];
  explanation: string;
  erpAt: Date | null;
  scayleAt: Date;
  judgedAt: Date;
  /** newer readings wait until SCAYLE's orders are known up to then; null: none do */
  awaitsOrdersUntil: Date | null;
  /** SCAYLE goes by an update that is stamped with this time to come, and ignores a push until then; null: it does not */
  ignoredUntil: Date | null;
  levels: readonly WarehouseLevel[];
  /** its open exception, and whether somebody is pushing it */
  exceptionId: string | null;
  isAtWork: boolean;
}>;

const VIEWS: Readonly<Record<StockViewName, string>> = {
  all: "true",
  drifting: "s.state = 'drifting'",
  risk: "s.at_risk > 0",
  "in-flight": "s.state = 'in-flight'",
  unknown: "s.state IN ('waiting', 'unknown')",
};

/** The stamp to come (after `now`, a parameter) that SCAYLE goes by in the warehouse of `s` that a push goes to; p: the policy. */
const ignoredUntil = (now: string): string => `(SELECT max(l.changed_at) FROM (
     SELECT l.warehouse, l.changed_at, count(*) OVER () AS places FROM connection c JOIN stock_level l ON l.connection_id = c.id
      WHERE c.entity_id = s.entity_id AND c.side = 'scayle' AND c.retired_at IS NULL AND l.item_key = s.item_key AND l.measure = 'sellable'
        AND (cardinality(coalesce(p.warehouses, '{}')) = 0 OR l.warehouse = ANY (p.warehouses))) l
   WHERE (l.places = 1 OR l.warehouse = p.main_warehouse) AND l.changed_at > ${now})`;

/** A page of an entity's items: those at risk by pieces and orders, drifts by size, others by their key. */
export async function findStockItems(
  entityId: string,
  { view, q, page }: Pick<StockQuery, "q" | "page"> & Readonly<{ view: StockViewName }>,
  pageSize: number,
  now: Date,
  pool: pg.Pool = appPool(),
): Promise<Readonly<{ rows: readonly StockItemRow[]; total: number }>> {
  const order =
    view === "risk"
      ? "s.at_risk DESC, s.orders DESC, s.item_key"
      : view === "drifting"
        ? "abs(s.drift) DESC, s.item_key"
        : "s.item_key";
  const found = `s.entity_id = $1 AND ${VIEWS[view]} AND ($2 = '' OR lower(s.item_key || ' ' || coalesce(s.name, '')) LIKE $3)`;
  const values = [entityId, q, `%${q.toLowerCase().replace(/[\\%_]/g, "\\$&")}%`];
  const [rows, total] = await Promise.all([
    pool.query<StockItemRow>(
      `SELECT s.item_key AS "itemKey", s.name, trim_scale(s.on_hand)::text AS "onHand", trim_scale(s.promised)::text AS promised,
              s.promised_stated AS "promisedStated", trim_scale(s.sellable)::text AS sellable, trim_scale(s.expected_low)::text AS low,
              trim_scale(s.expected_high)::text AS high, trim_scale(s.drift)::text AS drift, trim_scale(s.at_risk)::text AS "atRisk",
              s.orders, s.without_stock AS "withoutStock", s.state, s.in_flight AS "inFlight", s.explanation, s.erp_at AS "erpAt",
              s.scayle_at AS "scayleAt", s.judged_at AS "judgedAt", s.awaits_orders_until AS "awaitsOrdersUntil", e.id AS "exceptionId",
              EXISTS (SELECT FROM resolution_attempt a WHERE a.order_key = e.order_key AND a.exception_id = e.id AND a.ended_at IS NULL) AS "isAtWork",
              ${ignoredUntil("$6")} AS "ignoredUntil",
              (SELECT coalesce(json_agg(json_build_object('warehouse', l.warehouse, 'merchant', nullif(l.merchant, ''),
                        'quantity', trim_scale(l.quantity)::text, 'changedAt', l.changed_at, 'withoutStock', l.without_stock,
                        'isOwn', cardinality(coalesce(p.warehouses, '{}')) = 0 OR l.warehouse = ANY (p.warehouses))
                        ORDER BY l.warehouse, l.merchant), '[]')
                 FROM connection c JOIN stock_level l ON l.connection_id = c.id
                WHERE c.entity_id = s.entity_id AND c.side = 'scayle' AND c.retired_at IS NULL AND l.item_key = s.item_key
                  AND l.measure = 'sellable') AS levels
         FROM (SELECT * FROM stock_standing s WHERE ${found} ORDER BY ${order} LIMIT $4 OFFSET $5) s
         LEFT JOIN stock_policy p ON p.entity_id = s.entity_id
         LEFT JOIN LATERAL (SELECT x.id, x.order_key FROM exception x WHERE x.entity_id = s.entity_id AND x.cause = 'stock-drift'
              AND x.document_number = s.item_key AND x.state <> 'resolved' LIMIT 1) e ON true
        ORDER BY ${order}`,
      [...values, pageSize, (page - 1) * pageSize, now],
    ),
    pool.query<{ total: number }>(
      `SELECT count(*)::int AS total FROM stock_standing s WHERE ${found}`,
      values,
    ),
  ]);
  return { rows: rows.rows, total: total.rows[0]?.total ?? 0 };
}

/** How many items there are of each kind, and as of when each side was read. */
export type StockSummary = Readonly<{
  items: number;
  agrees: number;
  inFlight: number;
  drifting: number;
  /** of those that drift: SCAYLE would take a push */
  pushable: number;
  unknown: number;
  risk: number;
  /** pieces that are sold, or may be, and are not there */
  riskPieces: string;
  /** items of which the ERP itself states what is promised */
  stated: number;
  erpFrom: Date | null;
  erpTo: Date | null;
  scayleFrom: Date | null;
  scayleTo: Date | null;
  ordersAt: Date | null;
  judgedFrom: Date | null;
  judgedTo: Date | null;
  /** items whose newer readings wait for orders, and up to when these have to be known */
  awaiting: number;
  awaitsOrdersUntil: Date | null;
}>;

/** Sums an entity's items up. */
export async function findStockSummary(
  entityId: string,
  now: Date,
  pool: pg.Pool = appPool(),
): Promise<StockSummary> {
  const { rows } = await pool.query<StockSummary>(
    `SELECT count(*)::int AS items, count(*) FILTER (WHERE state = 'agrees')::int AS agrees,
            count(*) FILTER (WHERE state = 'in-flight')::int AS "inFlight", count(*) FILTER (WHERE state = 'drifting')::int AS drifting,
            count(*) FILTER (WHERE state = 'drifting' AND ${ignoredUntil("$2")} IS NULL)::int AS pushable,
            count(*) FILTER (WHERE state IN ('waiting', 'unknown'))::int AS unknown, count(*) FILTER (WHERE at_risk > 0)::int AS risk,
            trim_scale(coalesce(sum(at_risk), 0))::text AS "riskPieces",
            count(*) FILTER (WHERE promised_stated)::int AS stated, min(erp_at) AS "erpFrom", max(erp_at) AS "erpTo",
            min(scayle_at) AS "scayleFrom", max(scayle_at) AS "scayleTo", min(orders_at) AS "ordersAt", min(judged_at) AS "judgedFrom",
            max(judged_at) AS "judgedTo", count(awaits_orders_until)::int AS awaiting, max(awaits_orders_until) AS "awaitsOrdersUntil"
       FROM stock_standing s LEFT JOIN stock_policy p USING (entity_id) WHERE entity_id = $1`,
    [entityId, now],
  );
  const [row] = rows;
  if (!row) throw new Error("a sum is always one row");
  return row;
}

/** The warehouses in which SCAYLE sells something of the entity's connection. */
export async function findWarehouses(entityId: string): Promise<readonly string[]> {
  const { rows } = await appPool().query<{ warehouse: string }>(
    `SELECT DISTINCT l.warehouse FROM connection c JOIN stock_level l ON l.connection_id = c.id
      WHERE c.entity_id = $1 AND c.side = 'scayle' AND c.retired_at IS NULL AND l.warehouse <> '' ORDER BY 1`,
    [entityId],
  );
  return rows.map((row) => row.warehouse);
}

/** An event of a basket that asked for stock to move, and was refused. */
export type RefusedBasket = Readonly<{
  id: string;
  type: string;
  receivedAt: Date;
  items: readonly string[];
  outcome: string | null;
}>;

/** The events of baskets that were refused, newest first, and how many there are. */
export async function findRefusedBaskets(
  entityId: string,
  shown: number,
): Promise<Readonly<{ rows: readonly RefusedBasket[]; total: number }>> {
  const [rows, total] = await Promise.all([
    appPool().query<RefusedBasket>(
      `SELECT id, type, received_at AS "receivedAt", outcome,
              ARRAY(SELECT DISTINCT v #>> '{}' FROM jsonb_path_query(body::jsonb, '$.**.variant.referenceKey') AS v LIMIT 5) AS items
         FROM webhook_event WHERE entity_id = $1 AND type LIKE 'basket%' ORDER BY received_at DESC, id LIMIT $2`,
      [entityId, shown],
    ),
    appPool().query<{ total: number }>(
      "SELECT count(*)::int AS total FROM webhook_event WHERE entity_id = $1 AND type LIKE 'basket%'",
      [entityId],
    ),
  ]);
  return { rows: rows.rows, total: total.rows[0]?.total ?? 0 };
}
