import type { Page, Reading, Since } from "./contract";

/** What a quantity counts: what may still be sold, what lies there, what of it is promised. */
export type StockMeasure = "sellable" | "on-hand" | "reserved";

/** How much of an item there is somewhere. */
export type StockLevel = Readonly<{
  /** as its system names it; null: all of them together */
  warehouse: string | null;
  /** whose goods they are, where the source says so */
  merchant: string | null;
  measure: StockMeasure;
  /** a decimal number as plain text */
  quantity: string;
  /** whether it is sold also where there is none; null: the source doesn't say */
  withoutStock: boolean | null;
  /** since when it is so, as the source says; null: it doesn't say */
  changedAt: Date | null;
}>;

/** All that a source says of one item at one moment. */
export type ItemStock = Readonly<{
  /** as its system names it: SCAYLE's SKU, the ERP's item number */
  itemKey: string;
  /** the source's own time when it answered; null: it doesn't say */
  answeredAt: Date | null;
  levels: readonly StockLevel[];
  /** what the item master says of it beside its stock; absent where the source doesn't say */
  master?: ItemMaster;
}>;

/** An item in the ERP's master data; null: it says nothing of that. */
export type ItemMaster = Readonly<{
  name: string | null;
  /** the number under its bar code */
  gtin: string | null;
  /** the tax code that its lines are meant to have */
  taxCode: string | null;
}>;

/** The stock behind a source of either side. */
export type StockSource = Readonly<{
  /** Every item that the source has, read in one go. Absent where it lists no stock: its items are asked for one at a time. */
  all?(asked: Pick<Since, "pageSize">): AsyncIterable<Page<ItemStock>>;
  /** One item in all its warehouses; null where the source has no such item. */
  of(itemKey: string): Promise<Reading<ItemStock> | null>;
}>;
