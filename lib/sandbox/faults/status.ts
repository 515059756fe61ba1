import { addMonths, DAY, HOUR, type Month, SECOND, startOfMonth } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import { isPlainReturn, isPlainSale, onlyInvoice, reversed } from "@/lib/sandbox/faults/plan";
import type { Affair, SandboxOrder, StatusTrace } from "@/lib/sandbox/model";
import { makeOrder } from "@/lib/sandbox/order-maker";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { makeRandom, type Random } from "@/lib/sandbox/random";

/*
 * Orders of their own, beside those of the world: one system goes on with them and the other is not told, for good or for a
 * while. They come from random numbers of their own, so that the world without them is what it was.
 */

/** Orders of this file have ids of their own, between those of a world and those that come on request. */
const FIRST_STATUS_ID = 18_000_001;

/** Further than any clock of a sandbox goes. */
export const NEVER = Date.UTC(2190, 0, 1);

export const STATUS_FAULTS = [
  "not-delegated",
  "not-shipped",
  "shipment-not-told",
  "cancellation-not-told",
  "return-not-told",
  "not-invoiced",
  "key-not-told",
] as const;
export type StatusFault = (typeof STATUS_FAULTS)[number];

export type StatusWish = Readonly<{
  /** so many orders of each fault */
  each: number;
  faults: readonly StatusFault[];
  /** so many orders whose shipment SCAYLE hears of late, and so many whose return it hears of late, per order of each fault */
  late: number;
  /** how many days before the end of the stretch faults begin: a stretch of days that ends with `until` */
  from: number;
  until: number;
}>;

type Fit = (affair: Affair) => boolean;
type Change = (affair: Affair, random: Random) => Affair;

/** When SCAYLE hears of a parcel, or never. */
const shippedAt = (order: SandboxOrder, at: number): SandboxOrder => ({
  ...order,
  shipments: order.shipments.map((shipment) => ({ ...shipment, at })),
});

const isOwnShop: Fit = ({ order }) => order.outlet.channel === null;
const isUninvoicedChannel: Fit = ({ order }) => order.outlet.channel?.invoicesEnabled === false;

const FAULTS: Readonly<Record<StatusFault, Readonly<{ fits: Fit; change: Change }>>> = {
  "not-delegated": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order }) => ({
      order: {
        ...order,
        delegatedAt: null,
        shipments: [],
        units: order.units.map((unit) => ({ ...unit, shipment: null })),
      },
      documents: [],
    }),
  },
  "not-shipped": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order }) => ({ order: shippedAt(order, NEVER), documents: [] }),
  },
  "shipment-not-told": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order, documents }) => ({ order: shippedAt(order, NEVER), documents }),
  },
  "cancellation-not-told": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: (affair) => ({
      order: shippedAt(affair.order, NEVER),
      documents: reversed(onlyInvoice(affair)),
    }),
  },
  "return-not-told": {
    fits: (affair) => isUninvoicedChannel(affair) && isPlainReturn(affair),
    change: ({ order, documents }) => ({
      order: { ...order, credits: [], units: order.units.map((unit) => ({ ...unit, credit: null })) },
      documents,
    }),
  },
  "not-invoiced": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order, documents }) => ({ order: { ...order, uninvoiced: true }, documents }),
  },
  "key-not-told": {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order, documents }) => ({
      order: { ...order, keyless: true },
      documents: documents.map((one) => ({ ...one, writtenReference: order.publicKey })),
    }),
  },
};

/** One to fourteen hours, and for one in twelve up to a day and a half: nobody's lags end at a line. */
const hours = (random: Random): number =>
  (random.chance(1 / 12) ? random.integer(14 * 60, 36 * 60) : random.integer(60, 14 * 60)) * 60 * SECOND;

/** What SCAYLE hears of some hours after the ERP posted it, by itself. */
const LATE: Readonly<Record<"shipment" | "return", Readonly<{ fits: Fit; change: Change }>>> = {
  shipment: {
    fits: (affair) => isOwnShop(affair) && isPlainSale(affair),
    change: ({ order, documents }, random) => ({
      order: shippedAt(order, (order.shipments[0]?.at ?? 0) + hours(random)),
      documents,
    }),
  },
  return: {
    fits: (affair) => isUninvoicedChannel(affair) && isPlainReturn(affair),
    change: ({ order, documents }, random) => ({
      order: {
        ...order,
        credits: order.credits.map((credit) => ({
          ...credit,
          at: credit.at + hours(random),
        })),
      },
      documents,
    }),
  },
};

/** When the step that a fault leaves out was due: from then on it is missing. */
function dueAt(fault: StatusFault, { order, documents }: Affair): number {
  const [shipment] = order.shipments;
  if (fault === "not-delegated") return order.confirmedAt ?? order.createdAt;
  if (fault === "not-shipped") return order.delegatedAt ?? order.createdAt;
  if (fault === "return-not-told") return order.credits[0]?.at ?? order.createdAt;
  const posted = documents.map((one) => one.postedAt ?? 0);
  return fault === "not-invoiced" ? (shipment?.at ?? 0) : Math.max(shipment?.at ?? 0, ...posted);
}

export type StatusWorld = Readonly<{ affairs: readonly Affair[]; traces: readonly StatusTrace[] }>;

/** The orders of a wish, spread by chance over its days before `end`, with what is true of each. */
export function plantStatus(
  wish: StatusWish,
  from: Readonly<{
    seed: number;
    anchor: Month;
    customers: number;
    catalogue: readonly [Variant, ...Variant[]];
  }>,
): StatusWorld {
  const end = startOfMonth(addMonths(from.anchor, 1));
  const affairs: Affair[] = [];
  const traces: StatusTrace[] = [];
  let id = FIRST_STATUS_ID;
  const draw = (name: string, count: number, fits: Fit, found: (affair: Affair, random: Random) => void) => {
    const random = makeRandom(from.seed, "status", name);
    for (let made = 0; made < count; ) {
      const { seed, anchor, customers, catalogue } = from;
      const day = random.integer(wish.from, wish.until);
      const createdAt = end + day * DAY - random.integer(0, 20 * 3_600) * SECOND;
      const order = makeOrder(
        { seed, id, createdAt, anchor, customers, longReferences: false, allNetsKnown: true },
        catalogue,
      );
      id += 1;
      const affair = { order, documents: naturalDocuments(order) };
      if (!fits(affair)) continue;
      found(affair, random);
      made += 1;
    }
  };
  for (const fault of wish.faults) {
    const { fits, change } = FAULTS[fault];
    draw(fault, wish.each, fits, (affair, random) => {
      affairs.push(change(affair, random));
      traces.push({
        orderId: String(affair.order.id),
        entity: affair.order.entity,
        fault,
        dueAt: dueAt(fault, affair),
      });
    });
  }
  for (const [name, { fits, change }] of Object.entries(LATE))
    draw(`late ${name}`, wish.late * wish.each, fits, (affair, random) => {
      affairs.push(change(affair, random));
      traces.push({
        orderId: String(affair.order.id),
        entity: affair.order.entity,
        fault: null,
        dueAt: affair.order.shipments[0]?.at ?? 0,
      });
    });
  return { affairs, traces };
}

/** So long after it was due any fair observer calls a missing step stuck; what is younger is left out of a count of either kind. */
export const SETTLED_AFTER = 7 * DAY + HOUR;
