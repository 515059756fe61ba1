import { z } from "zod";
import { HOUR, SECOND } from "@/lib/sandbox/calendar";
import { Refused } from "@/lib/sandbox/http";
import type { Affair, ErpDocument, SandboxOrder, World } from "@/lib/sandbox/model";
import { makeOrder } from "@/lib/sandbox/order-maker";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { ENTITIES } from "@/lib/sandbox/retailer";
import { type StockSet, WAREHOUSES } from "@/lib/sandbox/stock";

/** What the sandbox can be told to let happen. */
const WHAT_HAPPENS = ["order", "ship", "cancel", "return", "basket", "stock"] as const;

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
  })
  .refine((wish) => wish.what !== "stock" || (wish.sku !== undefined && wish.quantity !== undefined), {
    error: "A stock level needs a sku and a quantity.",
  });
export type Wish = z.infer<typeof wishSchema>;

/** Something that happened because it was asked for; the world and these give the same world again. */
export const happeningSchema = z.discriminatedUnion("what", [
  z.object({ what: z.enum(["order", "ship", "cancel", "return"]), at: z.number(), id: z.number() }),
  z.object({
    what: z.literal("stock"),
    at: z.number(),
    sku: z.string(),
    warehouse: z.string(),
    quantity: z.number(),
  }),
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
  /** Lets it happen. */
  apply(happening: Happening): void;
}>;

/** Everything that has happened on request: nothing at first. */
export function makeHappenings(world: World): Happenings {
  const asked = new Map<number, Affair>();
  const levels: StockSet[] = [];

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

  return {
    world: () => ({ ...world, affairs: [...world.affairs, ...asked.values()] }),
    stock: () => levels,
    orders: () => [...asked.values()].map(({ order }) => order),
    decide(wish, at) {
      const second = at - (at % SECOND);
      const { what } = wish;
      if (what === "basket") return [];
      if (what === "stock") {
        const { sku = "", warehouse, quantity = 0 } = wish;
        if (!world.catalogue.some((variant) => variant.sku === sku))
          throw new Refused(404, "VARIANT_NOT_FOUND", `There is no variant ${sku}.`);
        return [{ what, at: second, sku, warehouse, quantity }];
      }
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
    apply(happening) {
      if (happening.what === "stock") {
        levels.push(happening);
        return;
      }
      const { what, id, at } = happening;
      const before = what === "order" ? null : (asked.get(id) ?? null);
      if (what === "order") asked.set(id, { order: make(id, at), documents: [] });
      else if (before) {
        const order = CHANGES[what](before.order, at);
        asked.set(id, { order, documents: documentsOf(order, before.documents, [...asked.values()]) });
      }
    },
  };
}

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
