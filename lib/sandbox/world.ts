import { addMonths, HOUR, type Month, SECOND, startOfMonth } from "@/lib/sandbox/calendar";
import { makeCatalogue } from "@/lib/sandbox/catalogue";
import { isMarketplace } from "@/lib/sandbox/faults/plan";
import { plantFaults } from "@/lib/sandbox/faults/select";
import { plantStatus, type StatusWish } from "@/lib/sandbox/faults/status";
import { plantSystematic, type SystematicWish } from "@/lib/sandbox/faults/systematic";
import type { Affair, FaultMode, World } from "@/lib/sandbox/model";
import { numbered } from "@/lib/sandbox/numbers";
import { makeOrder } from "@/lib/sandbox/order-maker";
import { naturalDocuments } from "@/lib/sandbox/postings";
import { makeRandom } from "@/lib/sandbox/random";
import { withLostReferences } from "@/lib/sandbox/references";
import { summed } from "@/lib/sandbox/summaries";

export type WorldSettings = {
  seed: number;
  /** In the three months that end with the anchor. */
  orders: number;
  anchor: Month;
  faults: FaultMode;
  /** How many orders bear each kind of fault; by default as many as the world's size allows without crowding. */
  faultsPerKind?: number;
  /** How many document numbers of each series are missing, as when a posted document was deleted. */
  numberGaps?: number;
  /** The marketplace's sales and returns are posted as one document a day, which names no order. */
  summaryPostings?: boolean;
  /** What is set up wrongly, and from which day on; the days end with the anchor. */
  systematic?: readonly SystematicWish[];
  /** Orders have long references, of which the ERP keeps a part only. */
  lostReferences?: boolean;
  /** Orders beside the others of which one system is not told, or is told late. */
  status?: StatusWish;
};

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

/**
 * The whole simulated world, past and to come, as a function of its settings: `orders` orders in the three months that end
 * with the anchor, faults among them as the mode says, and a faultless stream at the same rate for two months more.
 * No clock is read: what of it exists at an instant is decided when it is served.
 */
export function makeWorld(settings: WorldSettings): World {
  const { seed, orders, anchor, faults, faultsPerKind, numberGaps = 0 } = settings;
  const { summaryPostings = false, lostReferences = false, systematic = [] } = settings;
  const catalogue = makeCatalogue(seed);
  const customers = Math.max(20, Math.floor(orders / 3));
  const natural = orderTimes(seed, orders, anchor).map((createdAt, index): Affair => {
    const order = makeOrder(
      {
        seed,
        id: FIRST_ORDER_ID + index,
        createdAt,
        anchor,
        customers,
        longReferences: lostReferences,
        allNetsKnown: summaryPostings,
      },
      catalogue,
    );
    return { order, documents: naturalDocuments(order) };
  });
  const isSummed = (affair: Affair) => summaryPostings && isMarketplace(affair);
  const { affairs, summaries } = summed(natural, isSummed);
  const count = faultsPerKind ?? Math.max(1, Math.round(orders / 500));
  const wrong = plantSystematic(affairs, systematic, { catalogue, anchor });
  const spared = (affair: Affair) => isSummed(affair) || wrong.orders.has(affair.order.id);
  const single = plantFaults(wrong.affairs, { seed, anchor, mode: faults, catalogue, count, spared });
  const faulty = { affairs: single.affairs, planted: [...wrong.planted, ...single.planted] };
  const written = lostReferences ? withLostReferences(faulty.affairs, seed) : faulty.affairs;
  const status = settings.status
    ? plantStatus(settings.status, { seed, anchor, customers, catalogue })
    : null;
  const told = status ? [...written, ...status.affairs] : written;
  return {
    seed,
    size: orders,
    anchor,
    faults,
    catalogue,
    ...(status ? { statusTraces: status.traces } : {}),
    ...numbered({ ...faulty, affairs: told, summaries }, { seed, gaps: numberGaps }),
  };
}
