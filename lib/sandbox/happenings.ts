import { z } from "zod";
import { HOUR, SECOND } from "@/lib/sandbox/calendar";
import { Refused } from "@/lib/sandbox/http";
import type { Affair, ErpDocument, SandboxOrder, World } from "@/lib/sandbox/model";
import { makeOrder } from "@/lib/sandbox/order-maker";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { makeGuid } from "@/lib/sandbox/random";
import { ENTITIES } from "@/lib/sandbox/retailer";
import { fulfilled, isFulfilment } from "@/lib/sandbox/scayle-fulfilment";
import { type StockSet, WAREHOUSES } from "@/lib/sandbox/stock";
import { type Journal, type Write, writeSchemas } from "@/lib/sandbox/writes";

/** What the sandbox can be told to let happen. */
const WHAT_HAPPENS = ["order", "ship", "cancel", "return", "mend", "post-again", "basket", "stock"] as const;

/** A wish: an order of a shop (any by default), something with one of them (the newest that it can happen to), a stock level. */
export const wishSchema = z
  .strictObject({
    what: z.enum(WHAT_HAPPENS),
    count: z.number().int().min(1).max(500).default(1),
    shop: z.string().optional(),
    order: z.string().min(1).optional(),
    sku: z.string().min(1).optional(),
    warehouse: z.enum(WAREHOUSES.map((one) => one.referenceKey)).default("central"),
    quantity: z.number().int().min(0).max(1_000_000).optional(),
    /** of a stock level: the ERP's alone, whose update never reaches SCAYLE; or SCAYLE's alone */
    side: z.enum(["erp", "scayle"]).optional(),
    /** of SCAYLE's alone: how far its stamp is ahead of the time */
    stampedAhead: z.number().int().min(0).max(1_000_000).default(0),
  })
  .refine((wish) => wish.what !== "stock" || (wish.sku !== undefined && wish.quantity !== undefined), {
    error: "A stock level needs a sku and a quantity.",
  });
export type Wish = z.infer<typeof wishSchema>;

/** Something that happened because it was asked for or written; the world and these give the same world again. */
export const happeningSchema = z.discriminatedUnion("what", [
  z.object({ what: z.enum(["order", "ship", "cancel", "return", "mend"]), at: z.number(), id: z.number() }),
  z.object({
    what: z.literal("stock"),
    at: z.number(),
    sku: z.string(),
    warehouse: z.string(),
    quantity: z.number(),
    side: z.enum(["erp", "scayle"]).optional(),
    stamp: z.number().optional(),
  }),
  ...writeSchemas,
]);
export type Happening = z.infer<typeof happeningSchema>;

/** Orders that were asked for have ids of their own, above those of the largest world. */
const FIRST_ASKED_ID = 20_000_001;

/** The ERP posts what was asked for after an hour, so that its numbers stay in the order of posting. */
const POSTING_DELAY = HOUR;

/** What has happened on request beside a world, and the world with it. */
export type Happenings = Readonly<{
  /** The world as it stands with all of it. */
  world(): World;
  stock(): readonly StockSet[];
  /** The orders that came on request, oldest first. */
  orders(): readonly SandboxOrder[];
  /**
   * Decides what a wish comes to at an instant; nothing has happened yet.
   *
   * @throws Refused 404 or 409 for an order that was not asked for, or to which it can't happen
   */
  decide(wish: Wish, at: number): readonly Happening[];
  /** Lets it happen. What has its time still before it waits until `due`. */
  apply(happening: Happening, now: number): void;
  /** What has come true by now of what was still to come, oldest first. */
  due(now: number): readonly Happening[];
  /** An order as it stands with all of it; null where there is none. */
  order(id: number): SandboxOrder | null;
  /** A document of the ERP as it stands with all of it; null where there is none. */
  document(id: string): ErpDocument | null;
  /** Every document that was ever written into the ERP, those that are still to come and those that are gone included. */
  written(): readonly ErpDocument[];
  /** A written document as it will stand once everything has taken effect; null where nothing was written of it. */
  latest(id: string): ErpDocument | null;
  /** Whether a refund with this key was taken before. */
  knowsKey(key: string): boolean;
  /** The ERP's journals as they stand. */
  journals(): readonly Journal[];
  /** The first day that the ERP's books take; null: any. */
  booksOpenFrom(): string | null;
}>;

/** Everything that has happened on request: nothing at first. */
export function makeHappenings(world: World): Happenings {
  const asked = new Map<number, Affair>();
  const levels: StockSet[] = [];
  const changedOrders = new Map<number, SandboxOrder>();
  const documents = new Map<string, ErpDocument>();
  const written = new Map<string, ErpDocument>();
  const keys = new Set<string>();
  const journals = new Map<string, Journal>();
  let coming: Happening[] = [];
  let openFrom: string | null = null;

  // A large world is gone through when somebody writes, and not before.
  let known: Readonly<{
    orders: Map<number, SandboxOrder>;
    documents: Map<string, ErpDocument>;
  }> | null = null;
  const knownThings = () => {
    known ??= {
      orders: new Map(world.affairs.map(({ order }) => [order.id, order])),
      documents: new Map(
        [
          ...world.affairs.flatMap((affair) => affair.documents),
          ...world.summaries.map((summary) => summary.document),
        ].map((document) => [document.id, document]),
      ),
    };
    return known;
  };
  const orderNow = (id: number): SandboxOrder | null =>
    asked.get(id)?.order ?? changedOrders.get(id) ?? knownThings().orders.get(id) ?? null;
  const askedDocument = (id: string): ErpDocument | undefined =>
    [...asked.values()].flatMap((affair) => affair.documents).find((one) => one.id === id);

  const withChanges = (affair: Affair): Affair => ({
    order: changedOrders.get(affair.order.id) ?? affair.order,
    documents: affair.documents.map((one) => documents.get(one.id) ?? one),
  });
  const changeOrder = (id: number, change: (order: SandboxOrder) => SandboxOrder): void => {
    const before = orderNow(id);
    if (!before) return;
    const affair = asked.get(id);
    if (affair) asked.set(id, { ...affair, order: change(before) });
    else changedOrders.set(id, change(before));
  };

  const takeWrite = (write: Write): void => {
    if (write.what === "books-closed") openFrom = write.before;
    else if (write.what === "journal") journals.set(write.journal.id, write.journal);
    else if (write.what === "refund") changeOrder(write.id, (order) => refunded(order, write));
    else if (write.what === "line-values") changeOrder(write.id, (order) => revalued(order, write.at));
    else if (write.what === "reference-key")
      changeOrder(write.id, (order) => ({ ...order, key: { at: write.at, reference: write.reference } }));
    else if (isFulfilment(write)) changeOrder(write.id, (order) => fulfilled(order, write));
    else if (write.what === "document") documents.set(write.document.id, write.document);
    else if (write.what === "stock-push") {
      const { at, sku, warehouse, quantity, stamp } = write;
      levels.push({ at, sku, warehouse, quantity, stamp, side: "scayle" });
    } else documents.delete(write.id);
  };
  /** What is known of a write from the moment that it was taken, whenever it takes effect. */
  const noteWrite = (happening: Happening): void => {
    if (happening.what === "refund" && happening.key !== null) keys.add(happening.key);
    if (happening.what === "document") written.set(happening.document.id, happening.document);
  };
  const isBornThere = (id: string): boolean =>
    knownThings().documents.has(id) || askedDocument(id) !== undefined;

  const make = (id: number, at: number): SandboxOrder => {
    const customers = Math.max(20, Math.floor(world.size / 3));
    const { seed, anchor, catalogue } = world;
    const order = makeOrder(
      { seed, id, createdAt: at, anchor, customers, longReferences: false, allNetsKnown: true },
      catalogue,
    );
    // It stands where a paid order stands that was passed on: how it goes on is asked for.
    const units = order.units.map((unit) => ({ ...unit, cancelledAt: null, shipment: null, credit: null }));
    return {
      ...order,
      units,
      confirmedAt: at,
      delegatedAt: at,
      cancelledAt: null,
      shipments: [],
      credits: [],
      staleCost: null,
      shippedOn: "item",
      broken: false,
    };
  };

  /** Ids whose orders are of the shop, and of no till, which would ship them at once. */
  const nextIds = (count: number, shop: string | undefined, at: number): number[] => {
    const ids: number[] = [];
    for (let id = Math.max(FIRST_ASKED_ID - 1, ...asked.keys()) + 1; ids.length < count; id += 1) {
      const { outlet } = make(id, at);
      const isAsked = shop === undefined || shopName(outlet) === shop;
      if (isAsked && outlet.channel?.type !== "in_store") ids.push(id);
    }
    return ids;
  };

  const find = (reference: string): SandboxOrder => {
    const found = [...asked.values()].find(({ order }) => order.reference === reference);
    if (found) return found.order;
    throw new Refused(
      404,
      "NOT_FOUND",
      `No order ${reference} has come on request. The others live by themselves.`,
    );
  };

  /** Orders whose payload nobody could read so far: one of them by name, or as many as there are of a shop. */
  const mendable = ({ order: name, shop, count }: Wish, at: number): SandboxOrder[] => {
    const broken = world.affairs
      .map(({ order }) => changedOrders.get(order.id) ?? order)
      .filter((order) => order.broken && order.createdAt <= at)
      .filter((order) => name === undefined || order.reference === name)
      .filter((order) => shop === undefined || shopName(order) === shop);
    if (broken.length === 0)
      throw new Refused(404, "NOT_FOUND", "There is no such order whose payload is broken.");
    return name === undefined && count === 1 ? broken : broken.slice(0, count);
  };

  /** A second posting of an order's newest invoice, on the same day of the books. */
  const postedAgain = ({ order: reference }: Wish, at: number): ErpDocument => {
    const [invoice] = [...knownThings().documents.values()]
      .filter((one) => one.kind === "sale" && one.reference === reference)
      .filter((one) => one.postedAt !== null && one.postedAt <= at)
      .sort((one, other) => (other.postedAt ?? 0) - (one.postedAt ?? 0));
    if (!invoice)
      throw new Refused(
        404,
        "NOT_FOUND",
        `The ERP has posted no invoice of an order ${reference ?? "that was not named"}.`,
      );
    const number = `${invoice.number}-2`;
    if ([...written.values()].some((one) => one.number === number))
      throw new Refused(409, "CONFLICT", "It was posted again before.");
    return {
      ...invoice,
      id: makeGuid("posted again", invoice.id),
      number,
      draftedAt: null,
      postedAt: at,
      paidAt: null,
      canceledAt: null,
    };
  };

  return {
    world: () => {
      const all = [...world.affairs, ...asked.values()];
      const isAsIs = changedOrders.size === 0 && documents.size === 0;
      return {
        ...world,
        affairs: isAsIs ? all : all.map(withChanges),
        written: [...documents.values()].filter((one) => !isBornThere(one.id)),
      };
    },
    stock: () => levels,
    orders: () => [...asked.values()].map(({ order }) => order),
    order: orderNow,
    document: (id) => documents.get(id) ?? askedDocument(id) ?? knownThings().documents.get(id) ?? null,
    written: () => [...written.values()],
    latest: (id) => written.get(id) ?? null,
    knowsKey: (key) => keys.has(key),
    journals: () => [...journals.values()],
    booksOpenFrom: () => openFrom,
    due(now) {
      const happened = coming.filter((one) => one.at <= now).sort((one, other) => one.at - other.at);
      coming = coming.filter((one) => one.at > now);
      return happened;
    },
    decide(wish, at) {
      const second = at - (at % SECOND);
      const { what } = wish;
      if (what === "basket") return [];
      if (what === "stock") {
        const { sku = "", warehouse, quantity = 0, side, stampedAhead } = wish;
        if (!world.catalogue.some((variant) => variant.sku === sku))
          throw new Refused(404, "VARIANT_NOT_FOUND", `There is no variant ${sku}.`);
        const stamp = second + stampedAhead * SECOND;
        return [
          {
            ...{ what, at: second, sku, warehouse, quantity },
            ...(side && { side }),
            ...(side === "scayle" && { stamp }),
          },
        ];
      }
      if (what === "post-again")
        return [{ what: "document", at: second, document: postedAgain(wish, second) }];
      if (what === "mend") return mendable(wish, second).map(({ id }) => ({ what, at: second, id }));
      if (what === "order") {
        const shops = new Set(world.affairs.map(({ order }) => shopName(order)));
        if (wish.shop !== undefined && !shops.has(wish.shop))
          throw new Refused(
            404,
            "NOT_FOUND",
            `There is no shop ${wish.shop}; there are ${[...shops].sort().join(", ")}.`,
          );
        return nextIds(wish.count, wish.shop, second).map((id) => ({ what, at: second, id }));
      }
      const can = POSSIBLE[what];
      const chosen =
        wish.order === undefined
          ? [...asked.values()]
              .map(({ order }) => order)
              .filter(can)
              .slice(-wish.count)
          : [find(wish.order)].filter(can);
      if (chosen.length === 0) {
        const message = wish.order
          ? `The order ${wish.order} ${IMPOSSIBLE[what]}`
          : `No order that came on request can do that: let one come first (what: "order").`;
        throw new Refused(409, "CONFLICT", message);
      }
      return chosen.map(({ id }) => ({ what, at: second, id }));
    },
    apply(happening, now) {
      noteWrite(happening);
      if (isWrite(happening) && happening.at > now) {
        coming.push(happening);
        return;
      }
      if (happening.what === "stock") {
        levels.push(happening);
        return;
      }
      if (isWrite(happening)) {
        takeWrite(happening);
        return;
      }
      const { what, id, at } = happening;
      if (what === "mend") {
        changeOrder(id, (order) => ({ ...order, broken: false, mendedAt: at }));
        return;
      }
      const before = what === "order" ? null : (asked.get(id) ?? null);
      if (what === "order") asked.set(id, { order: make(id, at), documents: [] });
      else if (before) {
        const order = CHANGES[what](before.order, at);
        asked.set(id, { order, documents: documentsOf(order, before.documents, [...asked.values()]) });
      }
    },
  };
}

const WRITES: ReadonlySet<string> = new Set<Write["what"]>([
  "refund",
  "line-values",
  "shipped",
  "cancelled",
  "came-back",
  "reference-key",
  "document",
  "document-deleted",
  "journal",
  "books-closed",
  "stock-push",
]);

/** Whether it was written through an API, and not asked for. */
export const isWrite = (happening: Happening): happening is Write => WRITES.has(happening.what);

/** The order with a credit of these units, as of when they came back. */
function refunded(order: SandboxOrder, { units, on, at }: Extract<Write, { what: "refund" }>): SandboxOrder {
  const back = new Set(units);
  return {
    ...order,
    credits: [
      ...order.credits,
      { at: on, kind: "return", refundsShipping: false, timeOnItem: true, noted: at },
    ],
    units: order.units.map((unit) => (back.has(unit.id) ? { ...unit, credit: order.credits.length } : unit)),
  };
}

/** The order with a cost that is reckoned anew. */
const revalued = (order: SandboxOrder, at: number): SandboxOrder =>
  order.staleCost ? { ...order, staleCost: { ...order.staleCost, until: at } } : order;

type Move = "ship" | "cancel" | "return";

const live = (order: SandboxOrder): boolean => order.cancelledAt === null;

const POSSIBLE: Readonly<Record<Move, (order: SandboxOrder) => boolean>> = {
  ship: (order) => live(order) && order.shipments.length === 0,
  cancel: (order) => live(order) && order.shipments.length === 0,
  return: (order) => order.shipments.length > 0 && order.credits.length === 0,
};

const IMPOSSIBLE: Readonly<Record<Move, string>> = {
  ship: "was shipped or cancelled before.",
  cancel: "was shipped or cancelled before.",
  return: "has not been shipped, or came back before.",
};

const CHANGES: Readonly<Record<Move, (order: SandboxOrder, at: number) => SandboxOrder>> = {
  ship: (order, at) => ({
    ...order,
    shipments: [{ at, packageId: order.id * 10 + 1 }],
    units: order.units.map((unit) => ({ ...unit, shipment: 0 })),
  }),
  cancel: (order, at) => ({
    ...order,
    cancelledAt: at,
    units: order.units.map((unit) => ({ ...unit, cancelledAt: at })),
  }),
  return: (order, at) => {
    const refundsShipping =
      ENTITIES[order.entity].shippingRefund === "whole-order" &&
      order.fees.some((fee) => fee.kind === "shipping");
    return {
      ...order,
      credits: [{ at, kind: "return", refundsShipping, timeOnItem: true }],
      units: order.units.map((unit) => ({ ...unit, credit: 0 })),
    };
  },
};

/** What the ERP makes of a shipped or returned order, numbered in series of its own without gaps. */
function documentsOf(
  order: SandboxOrder,
  before: readonly ErpDocument[],
  all: readonly Affair[],
): ErpDocument[] {
  if (order.shipments.length === 0) return [];
  const known = new Map(before.map((document) => [document.id, document]));
  return naturalDocuments(order).map((document) => {
    const held = known.get(document.id);
    if (held) return held;
    const others = all
      .flatMap((one) => one.documents)
      .filter((one) => one.entity === document.entity && one.kind === document.kind);
    const about = document.kind === "sale" ? order.shipments[0] : order.credits[0];
    return {
      ...document,
      number: `${document.kind === "sale" ? "PSIL" : "PSCML"}-${100_001 + others.length}`,
      draftedAt: null,
      postedAt: (about?.at ?? 0) + POSTING_DELAY,
      paidAt: null,
    };
  });
}

/** "ms/de", as connections name a shop. */
export const shopName = ({ shop }: Pick<SandboxOrder, "shop">): string =>
  `${shop.shopKey}/${shop.countryCode.toLowerCase()}`;
