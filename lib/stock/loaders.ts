import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { findRefusedBaskets, findStockItems, findStockSummary, findWarehouses } from "./data";
import { loadStockPolicy } from "./policy";
import { StockQuery } from "./schema";

const PAGE_SIZE = 50;
const BASKETS_SHOWN = 10;

/** An entity's stock on both sides, how it is compared, and the basket events that were refused. */
export async function loadStock(params: Readonly<Record<string, unknown>>) {
  const query = StockQuery.parse(params);
  const { actor, entities, entity } = await pageEntities("feeds.read", query.entity);
  if (!entity) return { query, entities, entity: null } as const;
  const [items, summary, policy, warehouses, baskets] = await Promise.all([
    findStockItems(entity.id, query, PAGE_SIZE),
    findStockSummary(entity.id),
    loadStockPolicy(appPool(), entity.id),
    findWarehouses(entity.id),
    findRefusedBaskets(entity.id, BASKETS_SHOWN),
  ]);
  return {
    query,
    entities,
    entity,
    timeZone: entity.timeZone,
    ...items,
    pageSize: PAGE_SIZE,
    summary,
    policy,
    warehouses,
    baskets,
    mayPush: may(actor, "resolutions.make", entity.id) && may(actor, "exceptions.read", entity.id),
    maySet: may(actor, "settings.write", entity.id),
  } as const;
}

export type StockView = Extract<Awaited<ReturnType<typeof loadStock>>, { timeZone: string }>;
