import "server-only";
import { type Actor, entitiesOf } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { approversOf } from "@/lib/mappings/data";
import { findOwnerRequest, findOwnerRequests, findTeams, type OwnerRequestRow } from "./data";
import { mayIn, ownersNeedTwo } from "./requests";
import type { OwnerChange } from "./schema";

/** So long it is told what somebody decided, in milliseconds: two weeks. */
const DECIDED_SHOWN = 14 * 86_400_000;

/**
 * What was asked for of who owns what: what waits, what was decided in the last two weeks, and the one request that the address
 * names with its effect. What concerns all entities is for those who see all of them.
 */
export async function loadOwnerRequests(asked: string | undefined) {
  const { actor, entities } = await pageEntities("settings.read", undefined);
  const scope = {
    entityIds: entities.map(({ id }) => id),
    all: entitiesOf(actor, "settings.read") === "all",
  };
  const [rows, one, teams] = await Promise.all([
    findOwnerRequests(scope, new Date(Date.now() - DECIDED_SHOWN)),
    asked === undefined ? null : findOwnerRequest(scope, asked),
    findTeams(),
  ]);
  const names: TeamNames = new Map(teams.map((team) => [team.id, team.name]));
  const zones = new Map(entities.map(({ id, timeZone }) => [id, timeZone]));
  const zoneOf = (entityId: string | null) => zones.get(entityId ?? "") ?? entities[0]?.timeZone ?? "UTC";
  return {
    rows: rows.map(({ changes, foreseen: _, madeById, ...row }) => ({
      ...row,
      words: changes[0] ? changeWords(changes[0], names) : "",
      rows: changes.length,
      isMine: madeById === actor.id,
      timeZone: zoneOf(row.entityId),
    })),
    one: one && { ...(await requestView(actor, one, names)), timeZone: zoneOf(one.entityId) },
    isGone: asked !== undefined && one === null,
  } as const;
}

export type OwnerRequests = Awaited<ReturnType<typeof loadOwnerRequests>>;
export type OwnerRequestView = NonNullable<OwnerRequests["one"]>;

type TeamNames = ReadonlyMap<string, string>;

async function requestView(actor: Actor, stored: OwnerRequestRow, names: TeamNames) {
  const { changes, foreseen, madeById, ...rest } = stored;
  const { entityId } = rest;
  const needsTwo = await ownersNeedTwo(appPool(), entityId);
  const isOpen = rest.state === "asked";
  const isMine = madeById === actor.id;
  const approves = mayIn(actor, "mappings.approve", entityId);
  const named = (team: string): string => names.get(team) ?? team;
  return {
    ...rest,
    changes: changes.map((one) => changeWords(one, names)),
    effect: {
      ...foreseen,
      moves: foreseen.moves.map((move) => ({ ...move, from: named(move.from), to: named(move.to) })),
    },
    /** who can approve it beside whoever asked; null where it waits for nobody else */
    approvers: isOpen && needsTwo ? await approversOf(entityId, [madeById]) : null,
    /** why the actor may not approve it; null where they may */
    barred:
      !needsTwo && mayIn(actor, "settings.write", entityId)
        ? null
        : isMine
          ? "You asked for this change: somebody else has to approve it."
          : approves
            ? null
            : "You may not approve changes of who owns what.",
    may: { reject: isOpen && !isMine && approves, withdraw: isOpen && isMine },
  } as const;
}

/** What a change says, as a sentence without its point: "Price wrong in MODA-UK, all shops: Operations, was Finance". */
function changeWords({ cause, entityId, shopId, team, before }: OwnerChange, names: TeamNames): string {
  const named = (id: string): string => names.get(id) ?? id;
  const title = causeOf(cause)?.title ?? cause;
  const place = entityId === null ? "all entities" : shopId === null ? `${entityId}, all shops` : shopId;
  const says =
    team === null
      ? `its row${before === null ? "" : ` for ${named(before)}`} is taken away`
      : team === before
        ? `${named(team)}, as it is`
        : `${named(team)}, ${before === null ? "a new row" : `was ${named(before)}`}`;
  return `${title} in ${place}: ${says}`;
}
