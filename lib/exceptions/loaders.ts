import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { type Actor, may } from "@/lib/auth/actor";
import { listEntities } from "@/lib/auth/data";
import { permissions } from "@/lib/auth/permissions";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { type Day, dayIn, daysBetween } from "@/lib/domain/day";
import { Refusal } from "@/lib/domain/faults";
import { isStanding } from "@/lib/matching/standing-causes";
import { pairingOf, placedOf } from "@/lib/pairing/loaders";
import { findRootCause, findShopNames } from "@/lib/root-causes/data";
import { type ShopNames, shopNamedIn } from "@/lib/root-causes/shop-names";
import { extentText, signatureText } from "@/lib/root-causes/words";
import { isAcceptable } from "./acceptance";
import { findPayloads, findSourceMoments } from "./around";
import { besidesOf, runningOf } from "./besides";
import {
  countViews,
  type ExceptionRow,
  findChoices,
  findSignatures,
  groupExceptions,
  listExceptions,
  totalExceptions,
  totalsWithin,
} from "./data";
import { assignableRoles } from "./hold";
import { whySecond } from "./limits";
import { isOpen } from "./machine";
import { readerRoles } from "./mentions";
import {
  type ExceptionDetail,
  findAcceptance,
  findException,
  findExceptionsOfOrder,
  findMoments,
  findPeople,
  findRequest,
  findTeams,
  findUndoable,
} from "./one";
import { isRuled } from "./reopen";
import { ageBuckets, type ExceptionGroup, ExceptionQuery, filterNames, MANY, NO_SHOP } from "./schema";
import { countSaved, findViews } from "./views";

/** The title of a cause for people; the code itself for one that is no longer registered. */
const titleOf = (cause: string): string => causeOf(cause)?.title ?? cause;

/** Groups that a page shows; of root causes there may be thousands. */
const MOST_GROUPS = 200;

/** The list as its address asks for it, and the one exception it shows beside it. */
export async function loadExceptions(params: Record<string, string | string[] | undefined>) {
  const asked = ExceptionQuery.parse(params);
  const { actor, entities, entity } = await pageEntities("exceptions.read", asked.entity);
  if (!entity) return { entities, entity: null } as const;
  const query = { ...asked, entity: entity.id };
  const now = new Date();
  const scope = {
    entityIds: entities.map((one) => one.id),
    actorId: actor.id,
    today: dayIn(now, entity.timeZone),
  };
  const rights = {
    assign: may(actor, "exceptions.assign", entity.id),
    comment: may(actor, "exceptions.comment", entity.id),
    accept: may(actor, "exceptions.accept", entity.id),
    resync: may(actor, "record.resync", entity.id),
    resolve: may(actor, "resolutions.make", entity.id),
  };
  // An address may name a place, for the rows that follow; the page itself begins at the first.
  const shown = expandedOf({ ...query, after: undefined });
  const [page, totals, waits, groups, views, saved, choices, people, readers, teams, selected] =
    await Promise.all([
      shown === null ? { rows: [], next: null } : listExceptions(scope, shown),
      totalsWithin(scope, query, MANY),
      query.state === "act" ? totalsWithin(scope, { ...query, state: "waiting" }, MANY) : null,
      query.group === undefined ? null : groupExceptions(scope, query, query.group),
      countViews(scope, query),
      findViews(actor.id, entity.id),
      findChoices(scope, query.entity),
      rights.assign ? findPeople(entity.id, assignableRoles) : [],
      rights.comment ? findPeople(entity.id, readerRoles) : [],
      findTeams(),
      query.selected === undefined ? null : detailOf(actor, scope.entityIds, query.selected),
    ]);
  const [causes, counted] = await Promise.all([
    findSignatures(entity.id, [
      ...(query.group === "rootCause" && groups
        ? groups.slice(0, MOST_GROUPS).map((group) => group.key)
        : []),
      ...(query.rootCause === undefined ? [] : [query.rootCause]),
    ]),
    countSaved(scope, entity.id, saved),
  ]);
  const shopNames = new Map(choices.shops.map(({ id, name }) => [id, name]));
  return {
    query,
    entities,
    entity,
    rows: shownRows(page.rows, scope.today),
    /** the place from which the rows go on; null: these are all */
    next: page.next,
    /** the filter as the address says it, and the totals of all that it means */
    filter: addressOf(query),
    totals,
    /** what the filter leaves out since it waits until a day; null: nothing, or the filter does not ask that */
    waits: waits && waits.totals.length > 0 ? waits : null,
    /** null: not grouped */
    groups:
      groups?.slice(0, MOST_GROUPS).map((group) => ({
        ...group,
        label: labelOf(query.group, group.key, { teams, causes, shopNames }),
      })) ?? null,
    /** groups that are too many to be shown: those with fewest exceptions */
    furtherGroups: Math.max(0, (groups?.length ?? 0) - MOST_GROUPS),
    /** what the rows are of: the filter, or the group of it that is expanded; null: no rows are shown */
    shown:
      shown === null
        ? null
        : {
            filter: addressOf(shown),
            totals:
              query.group === undefined
                ? totals
                : {
                    totals: groups?.find((group) => group.key === query.expanded)?.totals ?? [],
                    isWhole: true,
                  },
          },
    saved: saved.map((one) => ({ ...one, count: counted.get(one.id) ?? null })),
    views,
    choices: {
      ...choices,
      causes: choices.causes.map((code) => ({ code, title: titleOf(code) })),
      rootCauses: rootCausesOf(choices.rootCauses, query.rootCause, causes, shopNames),
    },
    selected,
    may: rights,
    people: people.map(({ id, name }) => ({ id, name })),
    readers: readers.map(({ id, name }) => ({ id, name })),
    teams,
    actorId: actor.id,
    currency: entity.currency,
    permissions: permissions.filter((permission) => may(actor, permission)),
    now,
    today: scope.today,
  } as const;
}

type Signed = Readonly<{ cause: string; signature: string }>;

/** What a root cause is called where there is no room for more. */
const rootCauseName = ({ cause, signature }: Signed, shops: ShopNames): string =>
  [titleOf(cause), signatureText(shopNamedIn(signature, shops))].filter(Boolean).join(": ");

/** Those that a list offers, and the one that is asked for, which may be none of them. */
function rootCausesOf(
  offered: readonly (Signed & Readonly<{ id: string }>)[],
  asked: string | undefined,
  named: ReadonlyMap<string, Signed>,
  shops: ShopNames,
) {
  const one = asked === undefined ? undefined : named.get(asked);
  const isMissing = asked !== undefined && one && !offered.some(({ id }) => id === asked);
  return [...(isMissing ? [{ id: asked, ...one }] : []), ...offered].map((each) => ({
    id: each.id,
    name: rootCauseName(each, shops),
  }));
}

/** Rows as the list shows them. */
const shownRows = (rows: readonly ExceptionRow[], today: Day) =>
  rows.map((row) => ({
    ...row,
    title: titleOf(row.cause),
    acceptable: isAcceptable(row.cause, row.state),
    overdue: row.due !== null && row.due < today && isOpen(row.state),
    ageDays: Math.max(0, daysBetween(row.businessDay, today)),
  }));

type AskedOf = Readonly<{ query: ExceptionQuery; now: Date }>;

/** Who asks for what of the queue of an entity. Throws Refusal "not-allowed" where the actor may not see its exceptions. */
async function scopeIn(actor: Actor, entityId: string, now: Date) {
  const entities = await listEntities(actor, "exceptions.read");
  const entity = entities.find(({ id }) => id === entityId);
  if (!entity) throw new Refusal("not-allowed", "You may not see exceptions of this entity.");
  return { entityIds: [entityId], actorId: actor.id, today: dayIn(now, entity.timeZone) } as const;
}

/** The rows that follow a place of the list, for a reader who scrolls on. Throws Refusal "not-allowed". */
export async function loadMoreExceptions(
  actor: Actor,
  entityId: string,
  { query, size, now }: AskedOf & Readonly<{ size: number }>,
) {
  const scope = await scopeIn(actor, entityId, now);
  const page = await listExceptions(scope, { ...query, entity: entityId }, size);
  return { rows: shownRows(page.rows, scope.today), next: page.next } as const;
}

/** Count and sums of all that a filter means, however many that are. Throws Refusal "not-allowed". */
export async function loadTotals(actor: Actor, entityId: string, { query, now }: AskedOf) {
  return totalExceptions(await scopeIn(actor, entityId, now), { ...query, entity: entityId });
}

/** The filter of the rows that are shown: of a grouped queue those of the group that is expanded, if one is. */
function expandedOf(query: ExceptionQuery): ExceptionQuery | null {
  const { group, expanded } = query;
  if (group === undefined) return query;
  return expanded === undefined ? null : ExceptionQuery.parse({ ...query, [group]: expanded });
}

/** A filter as an address says it, without what only says how it is shown. */
function addressOf(query: ExceptionQuery): Readonly<Record<string, string>> {
  return Object.fromEntries(
    filterNames.flatMap((name) => {
      const value = query[name];
      return value === undefined || (name === "state" && value === "act") ? [] : [[name, value]];
    }),
  );
}

function labelOf(
  group: ExceptionGroup | undefined,
  key: string,
  {
    teams,
    causes,
    shopNames,
  }: Readonly<{
    teams: readonly Readonly<{ id: string; name: string }>[];
    causes: ReadonlyMap<string, Signed>;
    shopNames: ReadonlyMap<string, string>;
  }>,
): string {
  if (group === "cause") return titleOf(key);
  if (group === "rootCause") {
    const found = causes.get(key);
    return found ? rootCauseName(found, shopNames) : "Not counted yet";
  }
  if (group === "owner") return teams.find((team) => team.id === key)?.name ?? key;
  if (group === "age") return ageBuckets.find((bucket) => bucket.key === key)?.label ?? key;
  return key === NO_SHOP ? "No shop" : (shopNames.get(key) ?? key);
}

/** One exception for its own page, with the payloads behind it. */
export const loadException = cache(async (id: string) => {
  const { actor, entities } = await pageEntities("exceptions.read", undefined);
  const detail = await detailOf(
    actor,
    entities.map((entity) => entity.id),
    id,
  );
  return detail ? { ...detail, payloads: await findPayloads(detail.exception) } : notFound();
});

/** Whom work of an entity can be given to, for whoever may give it; null for others. */
export async function loadWhoMayWork(entityId: string, timeZone: string) {
  const { actor } = await pageEntities("exceptions.read", entityId);
  if (!may(actor, "exceptions.assign", entityId)) return null;
  const [people, teams] = await Promise.all([findPeople(entityId, assignableRoles), findTeams()]);
  return { people, teams, actorId: actor.id, today: dayIn(new Date(), timeZone) } as const;
}

export type WhoMayWork = NonNullable<Awaited<ReturnType<typeof loadWhoMayWork>>>;

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function detailOf(actor: Actor, entityIds: readonly string[], id: string) {
  const exception = UUID.test(id) ? await findException(entityIds, id) : null;
  if (!exception) return null;
  const mayAssign = may(actor, "exceptions.assign", exception.entityId);
  const mayComment = may(actor, "exceptions.comment", exception.entityId);
  const cause = causeOf(exception.cause);
  // A feed and an item's stock are no record, and no order's.
  const isOfRecord = exception.cause !== "feed-behind" && exception.cause !== "stock-drift";
  const now = new Date();
  const today = dayIn(now, exception.timeZone);
  const [
    moments,
    sources,
    sisters,
    root,
    shops,
    people,
    teams,
    readers,
    undoable,
    acceptance,
    pairing,
    placed,
  ] = await Promise.all([
    findMoments(exception),
    isOfRecord ? findSourceMoments(exception) : [],
    isOfRecord ? findExceptionsOfOrder([exception.entityId], exception.orderKey) : [],
    isOpen(exception.state) ? findRootCause([exception.entityId], exception.rootCauseId, () => today) : null,
    findShopNames(exception.entityId),
    mayAssign ? findPeople(exception.entityId, assignableRoles) : [],
    mayAssign ? findTeams() : [],
    mayComment ? findPeople(exception.entityId, readerRoles) : [],
    mayAssign ? findUndoable(exception, actor.id) : null,
    acceptanceOf(actor, exception, today),
    isOpen(exception.state)
      ? pairingOf(actor, exception.entityId, exception.orderKey, exception.cause)
      : null,
    isOpen(exception.state) ? [] : placedOf(actor, exception.entityId, exception.document, exception.cause),
  ]);
  const besides = besidesOf(
    exception.evidence.lines,
    new Map(
      exception.evidence.missing.flatMap((one): [string, string][] =>
        one.kind === "item" ? [[one.itemKey, one.sku]] : [],
      ),
    ),
  );
  return {
    exception,
    besides,
    running: runningOf(besides, exception.currency),
    today,
    title: cause?.title ?? exception.cause,
    meaning: cause?.meaning ?? null,
    moments: moments.map((moment) => ({
      ...moment,
      former: moment.former === null ? null : titleOf(moment.former),
    })),
    /** what the systems told and what was read of the order */
    sources,
    /** the order's other exceptions */
    sisters: sisters
      .filter((one) => one.id !== exception.id)
      .map((one) => ({ ...one, title: titleOf(one.cause), isOpen: isOpen(one.state) })),
    /** what stands behind it, and how much that is; null: it is finished, or not counted yet */
    root: root && {
      id: root.id,
      title: rootCauseName(root, shops),
      extent: extentText(root),
      count: root.openCount,
    },
    people,
    teams,
    readers,
    undoable,
    acceptance,
    pairing,
    placed,
    /** it stands beside the books (a record, a feed, a question): no lines and no totals are its own */
    isStanding: isStanding(exception.cause),
    isStray: exception.cause === "sale-missing-in-scayle" && isOpen(exception.state),
    actorId: actor.id,
    now,
    may: {
      assign: mayAssign,
      comment: mayComment,
      resync: isOfRecord && may(actor, "record.resync", exception.entityId),
      seeOrder: isOfRecord && may(actor, "orders.read", exception.entityId),
    },
    /** the feed it is about, where it is about no record */
    feedId: exception.cause === "feed-behind" ? exception.document : null,
  };
}

/** What the actor may do about accepting it, what somebody asked for, and what was decided. */
async function acceptanceOf(actor: Actor, exception: ExceptionDetail, today: Day) {
  const { entityId, cause, state } = exception;
  const possible = isAcceptable(cause, state);
  const mayAccept = possible && may(actor, "exceptions.accept", entityId);
  const mayReopen = state === "accepted" && may(actor, "exceptions.accept", entityId);
  const [request, held, second, isKept] = await Promise.all([
    possible ? findRequest(exception) : null,
    state === "accepted" ? findAcceptance(exception) : null,
    mayAccept ? whySecond(appPool(), entityId, exception.worths, actor.id) : null,
    mayReopen && isRuled(appPool(), exception, today),
  ]);
  const isLapsed = request !== null && request.basis !== exception.basis;
  return {
    possible,
    /** whether it can be accepted or asked for now; above the limit, why a second person approves */
    mayAccept: mayAccept && (request === null || isLapsed),
    second,
    request: request && { ...request, isLapsed, isMine: request.askedById === actor.id },
    mayDecide: request !== null && !isLapsed && may(actor, "exceptions.approve", entityId),
    held,
    mayReopen: mayReopen && !isKept,
    /** a rule that is in force accepts it: it is opened again by ending the rule */
    isKept,
  };
}

export type ExceptionView = NonNullable<Awaited<ReturnType<typeof detailOf>>>;
export type ExceptionPayloads = Awaited<ReturnType<typeof loadException>>["payloads"];
export type ExceptionsView = Extract<Awaited<ReturnType<typeof loadExceptions>>, { rows: unknown }>;
