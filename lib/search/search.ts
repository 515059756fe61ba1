import "server-only";
import type { Actor } from "@/lib/auth/actor";
import { type EntityName, listEntities } from "@/lib/auth/data";
import { causeOf } from "@/lib/causes/registry";
import { aboutOf } from "@/lib/domain/about";
import { dayIn, dayName } from "@/lib/domain/day";
import { listExceptions } from "@/lib/exceptions/data";
import { openStates } from "@/lib/exceptions/machine";
import { ExceptionQuery, stateNames } from "@/lib/exceptions/schema";
import { searchOrders } from "@/lib/orders/search";
import type { FoundRecord, FoundRecords } from "./found";
import { LEAST_LETTERS } from "./schema";

/** So many of each kind are shown. */
const MOST = 6;

const joined = (parts: readonly (string | false | null | undefined)[]): string =>
  parts.filter(Boolean).join(" · ");

/**
 * Orders by what people call them or by a number of theirs (the ERP's document, a parcel, an invoice), and exceptions by any word,
 * as far as the person may see each in an entity. Whoever may see orders alone gets no exceptions, and no figures.
 */
export async function searchRecords(
  actor: Actor,
  text: string,
  { now }: Readonly<{ now: Date }>,
): Promise<FoundRecords> {
  const [ofOrders, ofExceptions] = await Promise.all([
    listEntities(actor, "orders.read"),
    listEntities(actor, "exceptions.read"),
  ]);
  const among = [
    ...(ofOrders.length > 0 ? ["orders", "documents"] : []),
    ...(ofExceptions.length > 0 ? ["exceptions"] : []),
  ].join(", ");
  if (text.length < LEAST_LETTERS) return { records: [], among };
  const several = new Set([...ofOrders, ...ofExceptions].map(({ id }) => id)).size > 1;
  const place = (entityId: string) => (several ? entityId : null);
  const [orders, exceptions] = await Promise.all([
    foundOrders(ofOrders, text, place),
    foundExceptions(actor, ofExceptions, text, { now, place }),
  ]);
  return { records: [...orders, ...exceptions], among };
}

type Place = (entityId: string) => string | null;
const idsOf = (entities: readonly EntityName[]) => entities.map(({ id }) => id);

async function foundOrders(
  entities: readonly EntityName[],
  text: string,
  place: Place,
): Promise<readonly FoundRecord[]> {
  if (entities.length === 0) return [];
  const hits = await searchOrders(idsOf(entities), text, openStates);
  return hits.slice(0, MOST).map((hit) => {
    const byDocument = hit.document !== null && (hit.by === "document" || hit.reference === null);
    return {
      kind: byDocument ? "document" : "order",
      id: hit.orderKey,
      label: byDocument ? `ERP document ${hit.document}` : `Order ${hit.reference ?? "without a number"}`,
      detail: joined([
        hit.closeness === "alike" && "similar",
        byDocument && (hit.reference === null ? "no order known" : `order ${hit.reference}`),
        hit.by === "reference" && `states ${hit.stated}`,
        hit.shop,
        hit.status?.replaceAll("_", " "),
        place(hit.entityId),
      ]),
      href: `/orders/${hit.orderKey}`,
    };
  });
}

async function foundExceptions(
  actor: Actor,
  entities: readonly EntityName[],
  text: string,
  { now, place }: Readonly<{ now: Date; place: Place }>,
): Promise<readonly FoundRecord[]> {
  // Entity by entity: each has its own order of what is due, which an index knows.
  const found = await Promise.all(
    entities.map(async ({ id, timeZone }) => {
      const scope = { entityIds: [id], actorId: actor.id, today: dayIn(now, timeZone) };
      const { rows } = await listExceptions(
        scope,
        ExceptionQuery.parse({ entity: id, q: text, state: "open" }),
        MOST,
      );
      return rows;
    }),
  );
  return found
    .flat()
    .sort((a, b) => ((a.due ?? "9999") < (b.due ?? "9999") ? -1 : 1))
    .slice(0, MOST)
    .map((row) => ({
      kind: "exception",
      id: row.id,
      label: `${causeOf(row.cause)?.title ?? row.cause}: ${aboutOf(row) ?? "no order known"}`,
      detail: joined([
        stateNames[row.state] ?? row.state,
        row.due && `due ${dayName(row.due)}`,
        row.owner,
        place(row.entityId),
      ]),
      href: `/exceptions/${row.id}`,
    }));
}
