import "server-only";
import { headers } from "next/headers";
import { forbidden, redirect } from "next/navigation";
import { getServerSession } from "next-auth";
import { cache } from "react";
import { Refusal } from "@/lib/domain/faults";
import { type Actor, may } from "./actor";
import { type EntityName, findActor, listEntities } from "./data";
import { authOptions, identityOf } from "./options";
import type { Permission } from "./permissions";

/** The header in which proxy.ts hands on the address that was asked for. */
const PATH_HEADER = "x-tieout-path";

/**
 * Who is signed in, re-read from the database once per request: a role taken away, a disabled user or ended sessions
 * hold at once. Null when nobody is.
 */
export const currentActor = cache(async (): Promise<Actor | null> => {
  // Asked for first: it tells a build that nothing which hangs on the reader can be made in advance.
  await headers();
  const identity = identityOf(await getServerSession(authOptions()));
  return identity && findActor(identity.userId, identity.tokenVersion);
});

/** The actor of a server action or an API route. Throws Refusal "not-signed-in". */
export async function requireActor(): Promise<Actor> {
  const actor = await currentActor();
  if (!actor) throw new Refusal("not-signed-in", "You are no longer signed in. Sign in and try again.");
  return actor;
}

/**
 * The actor of a page, who may do what the page shows (of this entity, if it names one).
 * Otherwise the request ends: at the sign-in page, which leads back here, or with "not allowed" in plain words.
 */
export async function pageActor(permission: Permission, entityId?: string): Promise<Actor> {
  const actor = await signedInActor();
  if (!may(actor, permission, entityId)) forbidden();
  return actor;
}

/** The actor of a page that everybody who is signed in may see; the sign-in page when nobody is. */
export async function signedInActor(): Promise<Actor> {
  const actor = await currentActor();
  if (actor) return actor;
  const asked = (await headers()).get(PATH_HEADER);
  redirect(asked && asked !== "/" ? `/sign-in?next=${encodeURIComponent(asked)}` : "/sign-in");
}

/** The entities that a page can offer its actor, and the one that its URL names (else the first). */
export type PageEntities = Readonly<{
  actor: Actor;
  entities: readonly EntityName[];
  entity: EntityName | null;
}>;

/**
 * Resolves `?entity=CODE` against the grants. An entity that the actor has no right to ends the request as not allowed;
 * `entity` is null only when there is none at all.
 */
export const pageEntities = cache(
  async (permission: Permission, asked: string | undefined): Promise<PageEntities> => {
    const actor = await pageActor(permission);
    const entities = await listEntities(actor, permission);
    const entity = asked === undefined ? entities[0] : entities.find(({ id }) => id === asked);
    if (asked !== undefined && !entity) forbidden();
    return { actor, entities, entity: entity ?? null };
  },
);
