import { Decimal } from "decimal.js";
import type { Route } from "next";

/** Channels as people call them; "*" stands for all of them. */
export const channels: Readonly<Record<string, string>> = {
  "*": "any",
  shop: "shop",
  marketplace: "marketplace",
  in_store: "in store",
};

/** What an ERP item or account can stand for. */
export const lineKinds: Readonly<Record<string, string>> = {
  item: "an item",
  shipping: "shipping",
  fee: "a fee",
  gift_card: "a gift card",
  rounding: "a rounding difference",
};

/** A rate ("0.19") as a percentage: "19 %". */
export const percent = (rate: string): string => `${new Decimal(rate).times(100).toFixed()} %`;

/** Where a change of mappings stands that was asked for. */
export const requestPath = (entityId: string, id: string): Route =>
  `/settings/mappings?entity=${encodeURIComponent(entityId)}&tab=requests&request=${id}` as Route;
