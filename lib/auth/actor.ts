import { Refusal } from "@/lib/domain/faults";
import { type Permission, permissionWords, type Role, roleTable } from "./permissions";

/** A right as it was given: a role for one entity, or for all of them (null). */
export type Grant = Readonly<{ role: Role; entityId: string | null }>;

/** The person who acts, as the database knew them when the request began. */
export type Actor = Readonly<{
  id: string;
  name: string;
  email: string;
  grants: readonly Grant[];
  demo: boolean;
}>;

/** Whether the actor may do something: to this entity, or (without one) to any entity at all. */
export function may(actor: Actor, permission: Permission, entityId?: string): boolean {
  return actor.grants.some(
    (grant) =>
      roleTable[grant.role].permissions.includes(permission) &&
      (entityId === undefined || grant.entityId === null || grant.entityId === entityId),
  );
}

/**
 * Ends the act unless the actor may do it to the entity that the input names.
 * Every mutation asks this: the entity in an input is never trusted because it was asked for.
 * Throws Refusal "not-allowed".
 */
export function assertMay(actor: Actor, permission: Permission, entityId: string): void {
  if (may(actor, permission, entityId)) return;
  throw new Refusal("not-allowed", `You may not ${permissionWords[permission]} of entity ${entityId}.`);
}

/** Ends the act unless the actor may do it everywhere: what it changes counts for all entities. Throws Refusal "not-allowed". */
export function assertMayEverywhere(actor: Actor, permission: Permission): void {
  if (entitiesOf(actor, permission) === "all") return;
  throw new Refusal("not-allowed", `You may not ${permissionWords[permission]} of all entities.`);
}

/** The entities that a permission covers: "all", or the codes named in the grants, sorted. */
export function entitiesOf(actor: Actor, permission: Permission): readonly string[] | "all" {
  const granted = actor.grants.filter((grant) => roleTable[grant.role].permissions.includes(permission));
  if (granted.some((grant) => grant.entityId === null)) return "all";
  return [...new Set(granted.flatMap((grant) => grant.entityId ?? []))].sort();
}
