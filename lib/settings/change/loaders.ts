import "server-only";
import { cache } from "react";
import { type Actor, may } from "@/lib/auth/actor";
import { roles, roleTable } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { appPool } from "@/lib/db/pool";
import { findPeople } from "@/lib/exceptions/one";
import { approversOf } from "@/lib/mappings/data";
import type { FailedRow } from "@/lib/sync/data";
import { findInForce, findLatestReconciliation } from "./data";
import { findLacksOfException, findLacksOfFailed, type Lack } from "./lacking";
import { needsSecondPerson } from "./make";
import { changeKinds, isChangeKind, permissionFor, type SettingsChange } from "./schema";
import { type LackWords, lackWords } from "./words";

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
    approvers: await approversIfNeeded(actor, entity.id),
  } as const;
});

/** Who approves the actor's changes of mappings, by name; null where no second person is needed. */
const approversIfNeeded = cache(
  async (actor: Actor, entityId: string): Promise<string | null> =>
    (await needsSecondPerson(appPool(), entityId)) ? approversOf(entityId, [actor.id]) : null,
);

/** A mapping that a record lacks, and whether the actor may set it; if not, who may. */
export type LackView = Lack &
  Readonly<{
    entityId: string;
    words: LackWords;
    goesTo: string | null;
    /** who approves it, where a second person does; null where setting it is enough */
    approvers: string | null;
  }>;

/** The mappings that an exception lacks, for its page. */
export const loadLacksOfException = cache(async (askedEntity: string, id: string) => {
  const { actor } = await pageEntities("exceptions.read", askedEntity);
  const lacks = await findLacksOfException(askedEntity, id);
  return Promise.all(lacks.map((lack) => viewOf(actor, askedEntity, lack)));
});

/** The mappings that failed records of an entity lack, by record. */
export async function loadLacksOfFailed(
  askedEntity: string | undefined,
  records: readonly Pick<FailedRow, "id" | "connectionId" | "missing">[],
): Promise<ReadonlyMap<string, LackView>> {
  if (askedEntity === undefined) return new Map();
  const { actor } = await pageEntities("feeds.read", askedEntity);
  const lacks = [...(await findLacksOfFailed(askedEntity, records))];
  return new Map(
    await Promise.all(lacks.map(async ([id, lack]) => [id, await viewOf(actor, askedEntity, lack)] as const)),
  );
}

const viewOf = async (actor: Actor, entityId: string, lack: Lack): Promise<LackView> => ({
  ...lack,
  entityId,
  words: lackWords(lack),
  approvers: lack.kind === "local-currency" ? null : await approversIfNeeded(actor, entityId),
  goesTo: isFor(actor, entityId, lack.kind) ? null : await ownersOf(entityId, lack.kind),
});

const isFor = (actor: Actor, entityId: string, kind: SettingsChange["kind"]): boolean =>
  may(actor, permissionFor(kind), entityId) && may(actor, "record.resync", entityId);

/** Who may make a change of a kind: "Administrator (Ada Admin)", by role, with the people who hold it. */
const ownersOf = cache(async (entityId: string, kind: SettingsChange["kind"]): Promise<string> => {
  const able = roles.filter((role) => roleTable[role].permissions.includes(permissionFor(kind)));
  const people = await findPeople(entityId, able);
  return able
    .map((role) => {
      const names = people.filter((one) => one.roles.includes(role)).map((one) => one.name);
      return `${roleTable[role].title}${names.length > 0 ? ` (${names.join(", ")})` : ""}`;
    })
    .join(" or ");
});
