import { Refusal } from "@/lib/domain/faults";
import type { FeedReport, RunSurroundings, SyncReport } from "./feed-run";
import type { Feed } from "./feeds";
import { findOrderKeys } from "./order-keys";
import { readGroups } from "./read-groups";

/**
 * Reads again whatever goes by a name, see readGroups: the groups that are held of it, or where none is, what the sources
 * know by it. A feed that can't be read says so in its report. Throws Refusal "not-found" where neither system knows it.
 */
export async function syncOneOrder(
  reference: string,
  feeds: readonly Feed[],
  surroundings: RunSurroundings,
): Promise<SyncReport> {
  const { pool } = surroundings;
  const entities = [...new Set(feeds.map((feed) => feed.entityId))];
  const held = await findOrderKeys(pool, entities, reference);
  // Where we hold something of that name, its entity is the one that is meant.
  const meant = held.length > 0 ? entities.filter((id) => held.some((one) => one.entityId === id)) : entities;
  const touched = new Set(held.map((one) => one.orderKey));
  const reports: FeedReport[] = [];
  for (const entityId of meant) {
    const orderKeys = held.filter((one) => one.entityId === entityId).map((one) => one.orderKey);
    const stored = await readGroups(
      {
        entityId,
        feeds: feeds.filter((feed) => feed.entityId === entityId),
        orderKeys,
        ...(orderKeys.length === 0 && {
          stranger: { order: null, names: [reference.trim()], documents: [] },
        }),
      },
      { order: reference },
      surroundings,
      {
        // It is all that is asked for: a fault of it is one of the reading.
        onFault: (_, error) => {
          throw error;
        },
        onReport: (report) => reports.push(report),
      },
    );
    for (const key of stored) touched.add(key);
  }
  for (const { orderKey } of await findOrderKeys(pool, entities, reference)) touched.add(orderKey);
  if (touched.size === 0 && reports.every((report) => report.error === null)) {
    throw new Refusal("not-found", `Neither SCAYLE nor the ERP knows an order ${reference}.`);
  }
  return { feeds: reports, orderKeys: [...touched], notes: [] };
}
