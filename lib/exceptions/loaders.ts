import "server-only";
import { notFound } from "next/navigation";
import { cache } from "react";
import { type Actor, may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import { causeOf } from "@/lib/causes/registry";
import { dayIn } from "@/lib/domain/day";
import { pairingOf, placedOf } from "@/lib/pairing/loaders";
import { besidesOf } from "./besides";
import { countViews, findChoices, listExceptions, PAGE_SIZE, totalExceptions } from "./data";
import { isAcceptable, isOpen } from "./machine";
import { assignableRoles } from "./mutations";
import { findException, findMoments, findPeople } from "./one";
import { ExceptionQuery } from "./schema";

/** The title of a cause for people; the code itself for one that is no longer registered. */
const titleOf = (cause: string): string => causeOf(cause)?.title ?? cause;

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
  const [rows, totals, views, choices, selected] = await Promise.all([
    listExceptions(scope, query),
    totalExceptions(scope, query),
    countViews(scope, query),
    findChoices(scope, query.entity),
    query.selected === undefined ? null : detailOf(actor, scope.entityIds, query.selected),
  ]);
  return {
    query,
    entities,
    entity,
    rows: rows.map((row) => ({
      ...row,
      title: titleOf(row.cause),
      ageDays: Math.floor((now.getTime() - row.firstSeenAt.getTime()) / 86_400_000),
    })),
    totals,
    count: totals.reduce((sum, total) => sum + total.count, 0),
    pageSize: PAGE_SIZE,
    views,
    choices: { ...choices, causes: choices.causes.map((code) => ({ code, title: titleOf(code) })) },
    selected,
    mayResync: may(actor, "record.resync", entity.id),
    now,
    today: scope.today,
  } as const;
}

/** One exception for its own page. */
export const loadException = cache(async (id: string) => {
  const { actor, entities } = await pageEntities("exceptions.read", undefined);
  const detail = await detailOf(
    actor,
    entities.map((entity) => entity.id),
    id,
  );
  return detail ?? notFound();
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

async function detailOf(actor: Actor, entityIds: readonly string[], id: string) {
  const exception = UUID.test(id) ? await findException(entityIds, id) : null;
  if (!exception) return null;
  const mayAssign = may(actor, "exceptions.assign", exception.entityId);
  const [moments, people, pairing, placed] = await Promise.all([
    findMoments(exception),
    mayAssign ? findPeople(exception.entityId, assignableRoles) : [],
    isOpen(exception.state)
      ? pairingOf(actor, exception.entityId, exception.orderKey, exception.cause)
      : null,
    isOpen(exception.state) ? [] : placedOf(actor, exception.entityId, exception.document, exception.cause),
  ]);
  const cause = causeOf(exception.cause);
  const isOfRecord = exception.cause !== "feed-behind";
  const now = new Date();
  return {
    exception,
    besides: besidesOf(exception.evidence.lines),
    today: dayIn(now, exception.timeZone),
    title: cause?.title ?? exception.cause,
    meaning: cause?.meaning ?? null,
    moments,
    people,
    pairing,
    placed,
    isStray: exception.cause === "sale-missing-in-scayle" && isOpen(exception.state),
    actorId: actor.id,
    now,
    may: {
      assign: mayAssign,
      comment: may(actor, "exceptions.comment", exception.entityId),
      accept:
        isAcceptable(exception.cause, exception.state) && may(actor, "exceptions.accept", exception.entityId),
      resync: isOfRecord && may(actor, "record.resync", exception.entityId),
      seeOrder: isOfRecord && may(actor, "orders.read", exception.entityId),
    },
    /** the feed it is about, where it is about no record */
    feedId: isOfRecord ? null : exception.document,
  };
}

export type ExceptionView = NonNullable<Awaited<ReturnType<typeof detailOf>>>;
export type ExceptionsView = Extract<Awaited<ReturnType<typeof loadExceptions>>, { rows: unknown }>;
