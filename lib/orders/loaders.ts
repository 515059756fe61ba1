import "server-only";
import { Decimal } from "decimal.js";
import { notFound } from "next/navigation";
import { cache } from "react";
import { may } from "@/lib/auth/actor";
import { pageEntities } from "@/lib/auth/session";
import type { Cause } from "@/lib/causes/contract";
import { causeOf } from "@/lib/causes/registry";
import { appPool } from "@/lib/db/pool";
import { dayIn } from "@/lib/domain/day";
import { paymentOf } from "@/lib/domain/status/codes";
import { isTransition, transitionOf } from "@/lib/domain/status/transitions";
import { isOpen, openStates } from "@/lib/exceptions/machine";
import { findExceptionsOfOrder } from "@/lib/exceptions/one";
import { strategyOf } from "@/lib/matching/strategies/registry";
import { findCoverage } from "@/lib/pairing/data";
import { pairingOf } from "@/lib/pairing/loaders";
import { progressOf } from "@/lib/sync/run-progress";
import {
  findBuckets,
  findDocuments,
  findExceptionMoments,
  findLines,
  findOrder,
  findResync,
  findResyncedOrders,
  findUnread,
  findVersions,
  findWaits,
} from "./data";
import { findQuestionOf, findQuestions, findQuestionsOf } from "./questions";
import { findMasked } from "./reveal";
import { type OrderContent, OrderSearch, ResyncFilter, SEARCH_LENGTH_MAX } from "./schema";
import { findOrders, soleHit } from "./search";
import { settlementOf } from "./settlement";
import { sidesOf } from "./sides";
import { customerNumber, storyOf, unreadStoryOf } from "./story";
import { timelineOf } from "./timeline";
import { bookedOf, takenBackOf, truthOf, withoutTakenBack } from "./truth";

/** What a search finds in all entities of the actor; nothing when nothing was asked. */
export const loadOrderSearch = cache(async (asked: string | string[] | undefined) => {
  const { actor, entities } = await pageEntities("orders.read", undefined);
  const read = OrderSearch.safeParse(asked ?? "");
  const text = read.success ? read.data : "";
  const entityIds = entities.map((entity) => entity.id);
  const { hits, found, isCut } = await findOrders(entityIds, text, openStates);
  const now = new Date();
  const questions = await findQuestionsOf(appPool(), entityIds, actor.id, addTime(now, -TWO_WEEKS));
  const newSince = addTime(now, -ONE_DAY);
  const zones = new Map(entities.map((entity) => [entity.id, entity.timeZone]));
  return {
    text,
    /** what was typed is too long to be looked for: so much may be */
    tooLong: read.success ? null : SEARCH_LENGTH_MAX,
    found,
    isCut,
    /** what Enter opens */
    sole: soleHit(hits),
    entityNames: new Map(entities.map(({ id, name }) => [id, name])),
    hits: hits.map((hit) => ({ ...hit, timeZone: zones.get(hit.entityId) ?? "UTC" })),
    questions,
    /** answers of the last day */
    answered: questions.filter((one) => one.answeredAt !== null && one.answeredAt >= newSince).length,
    timeZone: entities[0]?.timeZone ?? "UTC",
    /** entities whose orders among them the actor may have read again */
    resyncable: [...new Set(hits.map((hit) => hit.entityId))].filter((entityId) =>
      may(actor, "record.resync", entityId),
    ),
  };
});

const ONE_DAY = 86_400_000;
const TWO_WEEKS = 14 * ONE_DAY;
const addTime = (at: Date, milliseconds: number): Date => new Date(at.getTime() + milliseconds);

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const RESYNC_PAGE = 100;

/** A run that reads many orders again, how far it is, and what came of each. */
export const loadResync = cache(
  async (id: string, params: Readonly<Record<string, string | string[] | undefined>>) => {
    const { actor, entities } = await pageEntities("orders.read", undefined);
    const run = UUID.test(id)
      ? await findResync(
          entities.map((entity) => entity.id),
          id,
        )
      : null;
    if (!run) notFound();
    const filter = ResyncFilter.parse({ state: params["state"], page: params["page"] ?? 1 });
    const { orders, counts } = await findResyncedOrders(run.id, filter, RESYNC_PAGE);
    return {
      run,
      orders,
      counts,
      filter,
      pageSize: RESYNC_PAGE,
      total: filter.state === undefined ? run.expected : counts[filter.state],
      progress: progressOf(run, new Date()),
      mayStop: may(actor, "record.resync", run.entityId),
      timeZone: entities.find((entity) => entity.id === run.entityId)?.timeZone ?? "UTC",
    };
  },
);

/** The answered question that an exception of the page stands for; null for others, and while it waits for its answer. */
export async function loadAnswered({
  cause,
  entityId,
  id,
}: Readonly<{ cause: string; entityId: string; id: string }>) {
  if (cause !== "question") return null;
  const { actor } = await pageEntities("exceptions.read", undefined);
  if (!may(actor, "exceptions.read", entityId)) return null;
  const question = await findQuestionOf(appPool(), entityId, id);
  return question?.answeredAt ? question : null;
}

/** An order with everything that both systems say of it; or an ERP document that no known order belongs to. */
export const loadOrder = cache(async (orderKey: string) => {
  const { actor, entities } = await pageEntities("orders.read", undefined);
  if (!UUID.test(orderKey)) notFound();
  const entityIds = entities.map((entity) => entity.id);
  const [
    order,
    documents,
    lines,
    buckets,
    versions,
    moments,
    exceptions,
    unread,
    customer,
    questions,
    waits,
  ] = await Promise.all([
    findOrder(entityIds, orderKey),
    findDocuments(entityIds, orderKey),
    findLines(entityIds, orderKey),
    findBuckets(entityIds, orderKey),
    findVersions(entityIds, orderKey),
    findExceptionMoments(entityIds, orderKey),
    findExceptionsOfOrder(entityIds, orderKey),
    findUnread(entityIds, orderKey),
    findMasked(appPool(), entityIds, orderKey),
    findQuestions(appPool(), entityIds, orderKey),
    findWaits(entityIds, orderKey),
  ]);
  const entityId = order?.entityId ?? documents[0]?.entityId ?? unread[0]?.entityId;
  const entity = entities.find((one) => one.id === entityId);
  if (!entity) notFound();
  const titled = <T extends { cause: string }>(one: T) => ({
    ...one,
    title: causeOf(one.cause)?.title ?? one.cause,
  });
  const counted = withoutTakenBack(lines, buckets);
  const booked = bookedOf(documents, counted);
  const truth = truthOf(
    order?.content ?? null,
    booked,
    entity.timeZone,
    takenBackOf(
      documents,
      lines.filter((line) => !counted.includes(line)),
    ),
  );
  const settlement = order && settlementOf(order.content, order.currency, lines);
  const erpDocuments = documents.filter((document) => document.side === "erp");
  const number =
    order &&
    customerNumber(
      order,
      erpDocuments.map((document) => document.number),
    );
  const open = exceptions.filter((one) => isOpen(one.state) && one.cause !== "question");
  const maySee = may(actor, "exceptions.read", entity.id);
  // What needs nobody is of the books alone: who may not see exceptions is spared it.
  const hidden = new Set(
    exceptions.filter((one) => !maySee && one.state === "explained").map((one) => one.id),
  );
  const today = dayIn(new Date(), entity.timeZone);
  const name = order?.reference ?? documents[0]?.number ?? unread[0]?.name ?? orderKey;
  const unreadStory =
    order || !unread.some((one) => one.resource === "orders")
      ? null
      : unreadStoryOf({
          ...{ name, today },
          troubles: open.map((one) => ({
            ...titled(one),
            plain: causeOf(one.cause)?.plain,
            resolution: one.resolution,
          })),
        });
  const story =
    order &&
    settlement &&
    storyOf({
      ...{
        number: number ?? order.reference,
        settlement,
        currency: order.currency,
        placedAt: order.placedAt,
      },
      ...{ billingStatus: order.billingStatus, content: order.content, invoices: order.invoices },
      ...{ booked, timeZone: entity.timeZone, today },
      troubles: open.map((one) => ({
        ...titled(one),
        plain: plainOf(one, order, waits),
        resolution: one.resolution,
      })),
    });
  return {
    orderKey,
    story,
    settlement,
    /** the number by which the customer knows the order */
    customerNumber: number,
    customer,
    questions,
    entity,
    order,
    name,
    /** what is told of an order of which nothing could be read */
    unreadStory,
    unread,
    documents: documents.map((document) => ({
      ...document,
      placedByName: document.placedBy && (strategyOf(document.placedBy)?.name ?? document.placedBy),
      gross: lines
        .filter((line) => line.documentId === document.id)
        .reduce((sum, line) => sum + line.gross, 0n),
    })),
    rows: sidesOf(lines, buckets),
    pairing: await pairingOf(actor, entity.id, orderKey),
    coverage: await findCoverage([entity.id], orderKey),
    pairable: lines
      .filter((line) => line.inBooks && (line.pairId === null || buckets.get(line.pairId) !== "matched"))
      .map(({ id, side, documentKind, description, sku, kind, quantity, currency, gross }) => ({
        ...{ id, side, documentKind, currency, gross },
        quantity: new Decimal(quantity).toString(),
        label: [sku, description].filter(Boolean).join(" ") || kind,
      })),
    truth,
    // Who may not see exceptions reads of them in plain words.
    exceptions: exceptions
      .filter((one) => !hidden.has(one.id))
      .map((one) => ({
        ...titled(one),
        isOpen: isOpen(one.state),
        explanation: maySee
          ? one.explanation
          : ((order ? plainOf(one, order, waits) : causeOf(one.cause)?.plain)?.words ??
            (one.cause === "question" ? one.explanation : null)),
      })),
    timeline: timelineOf(
      order,
      documents,
      versions,
      moments.filter((one) => !hidden.has(one.exceptionId)).map(titled),
    ),
    may: {
      resync: may(actor, "record.resync", entity.id),
      seeExceptions: maySee,
      ask: may(actor, "questions.ask", entity.id),
      reveal: may(actor, "customers.reveal", entity.id),
    },
  };
});

/** What an exception means in plain words; where it is about a step of the order, of that step, for as many items as wait for it. */
function plainOf(
  { cause, subject }: Readonly<{ cause: string; subject: string }>,
  { billingStatus, content }: Readonly<{ billingStatus: string | null; content: OrderContent }>,
  waits: ReadonlyMap<string, number>,
): Cause["plain"] {
  const step = subject.split(" ")[0] ?? "";
  if (cause !== "status-drift" || !isTransition(step)) return causeOf(cause)?.plain;
  const live = content.items.filter((item) => item.cancelledAt === null && item.status !== "cancelled");
  return transitionOf(step).plain({
    isPart: (waits.get(step) ?? live.length) < live.length,
    payment: paymentOf(billingStatus),
  });
}

export type OrderView = Awaited<ReturnType<typeof loadOrder>>;
