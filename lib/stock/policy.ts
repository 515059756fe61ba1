import type pg from "pg";

/** How an entity's stock is compared. */
export type StockPolicy = Readonly<{
  /** SCAYLE's warehouses with the entity's goods; empty: all */
  warehouses: readonly string[];
  /** which of them takes a difference of the ERP's one figure; null: nobody has said */
  main: string | null;
  /** the event from which on an order takes its pieces */
  movesOn: string;
  /** within which time SCAYLE is told what moved in the ERP */
  toldWithinMinutes: number;
  /** why, when and by whom it was set; null: nobody set it */
  set: Readonly<{ reason: string; at: Date; by: string }> | null;
}>;

/** Where nobody set anything. */
const DEFAULT: StockPolicy = {
  warehouses: [],
  main: null,
  movesOn: "order-confirmed",
  toldWithinMinutes: 15,
  set: null,
};

/** How an entity's stock is compared; where nobody set it, as it is by default. */
export async function loadStockPolicy(
  client: pg.Pool | pg.ClientBase,
  entityId: string,
): Promise<StockPolicy> {
  const { rows } = await client.query<{
    warehouses: string[];
    main: string | null;
    movesOn: string;
    minutes: number;
    reason: string;
    at: Date;
    by: string;
  }>(
    `SELECT warehouses, main_warehouse AS main, moves_on AS "movesOn", told_within_minutes AS minutes, reason, set_at AS at, set_by AS by
       FROM stock_policy WHERE entity_id = $1`,
    [entityId],
  );
  const [row] = rows;
  if (!row) return DEFAULT;
  const { warehouses, main, movesOn, minutes, reason, at, by } = row;
  return {
    warehouses,
    main,
    movesOn,
    toldWithinMinutes: minutes,
    set: by === "" ? null : { reason, at, by },
  };
}
