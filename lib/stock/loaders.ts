import "server-only";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { findRefusedBaskets, findStockItems, findStockSummary, findWarehouses } from "./data";
import { loadStockPolicy } from "./policy";
import { firstView, StockQuery } from "./schema";

const PAGE_SIZE = 25;
const BASKETS_SHOWN = 10;

/** An entity's stock on both sides, how it is compared, and the basket events that were refused. */
export async function loadStock(params: Readonly<Record<string, unknown>>) {
  const asked = StockQuery.parse(params);
  const { actor, entities, entity } = await pageEntities("feeds.read", asked.entity);
  if (!entity) return { entities, entity: null } as const;
  const now = new Date();
  const summary = await findStockSummary(entity.id, now);
  const query = { ...asked, view: firstView(asked, summary) };
  const [items, policy, warehouses, baskets] = await Promise.all([
    findStockItems(entity.id, query, PAGE_SIZE, now),
    loadStockPolicy(appPool(), entity.id),
    findWarehouses(entity.id),
    findRefusedBaskets(entity.id, BASKETS_SHOWN),
  ]);
  return {
    query,
    /** the view that the address names; undefined: none */
    askedView: asked.view,
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
