import { addMonths, HOUR, type Month, SECOND, startOfMonth } from "@/lib/sandbox/calendar";
import { makeCatalogue } from "@/lib/sandbox/catalogue";
import { plantFaults } from "@/lib/sandbox/faults/select";
import type { Affair, ErpDocument, FaultMode, World } from "@/lib/sandbox/model";
import { makeOrder } from "@/lib/sandbox/order-maker";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { makeRandom } from "@/lib/sandbox/random";

export type WorldSettings = { seed: number; orders: number; anchor: Month; faults: FaultMode };

const FIRST_ORDER_ID = 10_000_001;

/** The instants at which people order: so many in each month from two before the anchor to two after it. */
function orderTimes(seed: number, orders: number, anchor: Month): number[] {
  const times: number[] = [];
  const share = (index: number) => Math.floor((orders * (index + 1)) / 3) - Math.floor((orders * index) / 3);
  for (let index = 0; index < 5; index += 1) {
    const month = addMonths(anchor, index - 2);
    const random = makeRandom(seed, "times", month);
    // Three hours are left out at the end, so that an order's month is the same in UTC and in the entity's books.
    const length = startOfMonth(addMonths(month, 1)) - startOfMonth(month) - 3 * HOUR;
    for (let count = share(index % 3); count > 0; count -= 1) {
      times.push(startOfMonth(month) + Math.floor((random.next() * length) / SECOND) * SECOND);
    }
  }
  return times.sort((one, other) => one - other);
}

/** Document numbers in the order of posting, one series per company and kind. */
function number(affairs: readonly Affair[]): Affair[] {
  const all = affairs.flatMap((affair) => affair.documents);
  const when = (document: ErpDocument) => document.postedAt ?? document.draftedAt ?? 0;
  all.sort((one, other) => when(one) - when(other) || (one.id < other.id ? -1 : 1));
  const last = new Map<string, number>();
  const numbers = new Map<string, string>();
  for (const document of all) {
    const prefix = document.kind === "sale" ? "PSI" : "PSCM";
    const series = document.postedAt === null ? `${prefix}-D` : prefix;
    const key = `${document.entity}/${series}`;
    const next = (last.get(key) ?? 100_000) + 1;
    last.set(key, next);
    numbers.set(document.id, `${series}-${next}`);
  }
  return affairs.map(({ order, documents }) => ({
    order,
    documents: documents.map((one) => ({ ...one, number: numbers.get(one.id) ?? "" })),
  }));
}

/**
 * The whole simulated world, past and to come, as a function of its settings: `orders` orders in the three months that end
 * with the anchor, faults among them as the mode says, and a faultless stream at the same rate for two months more.
 * No clock is read: what of it exists at an instant is decided when it is served.
 */
export function makeWorld({ seed, orders, anchor, faults }: WorldSettings): World {
  const catalogue = makeCatalogue(seed);
  const customers = Math.max(20, Math.floor(orders / 3));
  const natural = orderTimes(seed, orders, anchor).map((createdAt, index): Affair => {
    const order = makeOrder({ seed, id: FIRST_ORDER_ID + index, createdAt, anchor, customers }, catalogue);
    return { order, documents: naturalDocuments(order) };
  });
  const count = Math.max(1, Math.round(orders / 500));
  const { affairs, planted } = plantFaults(number(natural), { seed, anchor, mode: faults, count });
  return { seed, size: orders, anchor, faults, catalogue, affairs, planted };
}
