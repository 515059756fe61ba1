import "server-only";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { findInForce, findLatestReconciliation } from "./data";

/** What a change of an entity's settings starts from, and whether the actor may make one. */
export const loadChange = cache(async (askedEntity: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("settings.read", askedEntity);
  if (!entity) return { entities, entity: null } as const;
  const [inForce, latest] = await Promise.all([findInForce(entity.id), findLatestReconciliation(entity.id)]);
  return {
    entities,
    entity,
    inForce,
    latest,
    mayWrite: may(actor, "settings.write", entity.id),
    maySeeExceptions: may(actor, "exceptions.read", entity.id),
  } as const;
});
