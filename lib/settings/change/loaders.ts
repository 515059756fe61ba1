import "server-only";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { findInForce, findLatestReconciliation } from "./data";
import { changeKinds, isChangeKind, permissionFor } from "./schema";

/** What a change of an entity's settings starts from, and which kinds of it the actor may make. */
export const loadChange = cache(async (askedEntity: string | undefined) => {
  const { actor, entities, entity } = await pageEntities("settings.read", askedEntity);
  if (!entity) return { entities, entity: null } as const;
  const [inForce, latest] = await Promise.all([findInForce(entity.id), findLatestReconciliation(entity.id)]);
  return {
    entities,
    entity,
    inForce,
    latest,
    writable: Object.keys(changeKinds).filter(
      (kind) => isChangeKind(kind) && may(actor, permissionFor(kind), entity.id),
    ),
    maySeeExceptions: may(actor, "exceptions.read", entity.id),
  } as const;
});
