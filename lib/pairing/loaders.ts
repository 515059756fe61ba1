import "server-only";
import { cache } from "react";
import { type Actor, may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { strategies } from "@/lib/matching/strategies/registry";
import { findDecisions, findDecisionsOf, findHandPairs, findLedgers, findPlaceable } from "./data";

/** Causes that a link, or taking a document out of its order, may resolve. */
const LINKABLE = new Set(["sale-missing-in-scayle", "unexplained"]);

/** What can be paired by hand in a group: its ERP documents and the pairs of lines made so far. Null for who may not. */
export async function pairingOf(actor: Actor, entityId: string, orderKey: string, cause?: string) {
  if (!may(actor, "pairing.decide", entityId)) return null;
  if (cause !== undefined && !LINKABLE.has(cause)) return null;
  const [documents, handPairs] = await Promise.all([
    findPlaceable([entityId], orderKey),
    findHandPairs([entityId], orderKey),
  ]);
  return { entityId, orderKey, documents, handPairs };
}

/** Where people put the document of an exception that a link resolved: what they may undo. Nothing for who may not. */
export async function placedOf(actor: Actor, entityId: string, number: string | null, cause: string) {
  if (number === null || !LINKABLE.has(cause) || !may(actor, "pairing.decide", entityId)) return [];
  return findDecisionsOf(entityId, number);
}

export type Placed = Awaited<ReturnType<typeof placedOf>>;
export type PairingView = NonNullable<Awaited<ReturnType<typeof pairingOf>>>;

/** How records of both sides come together: the strategies, the rules of references, and what people decided. */
export const loadPairing = cache(async () => {
  const { actor, entities } = await pageEntities("settings.read", undefined);
  const entityIds = entities.map((entity) => entity.id);
  const [decisions, handPairs, ledgers] = await Promise.all([
    findDecisions(entityIds),
    findHandPairs(entityIds, null),
    findLedgers(entityIds),
  ]);
  const zones = new Map(entities.map((entity) => [entity.id, entity.timeZone]));
  const zoned = <Row extends Readonly<{ entityId: string }>>(row: Row) => ({
    ...row,
    timeZone: zones.get(row.entityId) ?? "UTC",
    mayUndo: may(actor, "pairing.decide", row.entityId),
    mayResync: may(actor, "record.resync", row.entityId),
  });
  return {
    strategies: strategies.map(({ code, name, meaning }) => ({ id: code, name, meaning })),
    decisions: decisions.map(zoned),
    handPairs: handPairs.map(zoned),
    connections: ledgers,
  };
});

export type PairingSettings = Awaited<ReturnType<typeof loadPairing>>;
