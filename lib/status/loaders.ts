import "server-only";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { findStatus, listWaiting } from "./data";
import { StatusQuery } from "./schema";

/** How far the orders of an entity are in both systems, and the orders behind a chosen count. */
export async function loadStatus(asked: Readonly<Record<string, unknown>>) {
  const query = StatusQuery.parse(asked);
  const { entities, entity } = await pageEntities("feeds.read", query.entity);
  const now = new Date();
  const found = entity ? await findStatus(appPool(), entity.id, now) : null;
  const shop = found?.shops.find((one) => one.shopId === query.shop) ?? found?.shops[0] ?? null;
  const listed =
    entity && shop && query.step
      ? await listWaiting(appPool(), entity.id, { ...query, shop: shop.shopId }, now)
      : null;
  return { entities, entity, timeZone: entity?.timeZone ?? "UTC", query, found, shop, listed };
}
