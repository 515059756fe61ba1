import { Decimal } from "decimal.js";
import type { Route } from "next";
import { ONE_CHANNEL } from "@/lib/domain/group";

/** Channels as people call them; "*" stands for all of them. */
export const channels: Readonly<Record<string, string>> = {
  "*": "any",
  shop: "shop",
  marketplace: "marketplace",
  in_store: "in store",
};

/** A channel of the tax mapping as people call it: any, those of a kind, or one by its key. */
export const channelWords = (channel: string): string =>
  channels[channel] ?? `only ${channel.slice(ONE_CHANNEL.length)}`;

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
