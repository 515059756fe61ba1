import { addMonths, type Month } from "@/lib/sandbox/calendar";
import type { Variant } from "@/lib/sandbox/catalogue";
import {
  cancelledButInvoiced,
  creditMissingInErp,
  creditNoteFailed,
  currencyWrong,
  cutOff,
  duplicateInErp,
  recordFailed,
  saleMissingInErp,
  saleMissingInScayle,
} from "@/lib/sandbox/faults/documents";
import {
  itemWrong,
  priceWrong,
  quantityWrong,
  refundAmountWrong,
  shippingMissing,
  shippingNotRefunded,
  shippingTaxBasis,
  taxCodeMissing,
  taxCodeWrong,
  unknownCause,
  voucherAllocation,
  voucherAndShipping,
} from "@/lib/sandbox/faults/lines";
import type { FaultPlan, FaultTools } from "@/lib/sandbox/faults/plan";
import { STACKS } from "@/lib/sandbox/faults/stacks";
import { taxNotRecalculated } from "@/lib/sandbox/faults/stale-cost";
import type { Affair, FaultMode, PlantedFault } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";
import { ENTITIES, type EntityCode } from "@/lib/sandbox/retailer";

/** The choosy ones first, so that no easy-going fault takes the order that they need. */
const PLANS: readonly FaultPlan[] = [
  shippingTaxBasis,
  voucherAllocation,
  shippingNotRefunded,
  taxNotRecalculated,
  cutOff,
  creditMissingInErp,
  refundAmountWrong,
  shippingMissing,
  taxCodeMissing,
  cancelledButInvoiced,
  creditNoteFailed,
  priceWrong,
  quantityWrong,
  taxCodeWrong,
  itemWrong,
  currencyWrong,
  duplicateInErp,
  saleMissingInErp,
  recordFailed,
  saleMissingInScayle,
];

/** Orders with several faults at once are half as many of each kind as those with one. */
const STACKED: ReadonlySet<FaultPlan> = new Set([voucherAndShipping, ...STACKS]);

type Bucket = { entity: EntityCode; month: Month };

/**
 * A fault falls between the 3rd and the 22nd, so that it is in one month only and over, resolution included, when the
 * month ends. A cut-off is the opposite: at an edge that has another of the three months behind it.
 */
function isInSeason(plan: FaultPlan, date: string, anchor: Month): boolean {
  const [month, day] = [date.slice(0, 7), Number(date.slice(8))];
  if (plan.season === "within") return day >= 3 && day <= 22;
  return day < 15 ? month !== addMonths(anchor, -2) : month !== anchor;
}

function bucketsFrom(anchor: Month, turn: number): Bucket[] {
  const months = [0, -1, -2].map((count) => addMonths(anchor, count));
  const all = months.flatMap((month) =>
    (Object.keys(ENTITIES) as EntityCode[]).map((entity) => ({ entity, month })),
  );
  return all.map((_, index) => all[(index + turn) % all.length]).filter((bucket) => bucket !== undefined);
}

type How = {
  seed: number;
  anchor: Month;
  mode: FaultMode;
  catalogue: readonly [Variant, ...Variant[]];
  /** How many of each kind; kinds for which the world has too few orders get fewer. */
  count: number;
  /** Orders that bear no fault. */
  spared: (affair: Affair) => boolean;
};

const toolsFor = ({ seed, catalogue }: How, plan: FaultPlan, { order }: Affair): FaultTools => ({
  catalogue,
  random: () => makeRandom(seed, plan.name, order.id),
});

/** The affairs that bear the fault: taken in turn from each entity and month, by chance within them. */
function choose(
  plan: FaultPlan,
  affairs: readonly Affair[],
  taken: ReadonlySet<number>,
  how: How,
  turn: number,
): number[] {
  const count = STACKED.has(plan) ? Math.ceil(how.count / 2) : how.count;
  const last = addMonths(how.anchor, 1);
  const candidates = new Map<string, number[]>();
  affairs.forEach((affair, index) => {
    if (taken.has(index) || how.spared(affair)) return;
    const date = plan.fits(affair, toolsFor(how, plan, affair));
    if (date === null || date.slice(0, 7) >= last || !isInSeason(plan, date, how.anchor)) return;
    const key = `${affair.order.entity}/${date.slice(0, 7)}`;
    const others = candidates.get(key);
    if (others) others.push(index);
    else candidates.set(key, [index]);
  });
  const random = makeRandom(how.seed, "faults", plan.name);
  const chosen: number[] = [];
  const buckets = bucketsFrom(how.anchor, turn).map(
    ({ entity, month }) => candidates.get(`${entity}/${month}`) ?? [],
  );
  while (chosen.length < count && buckets.some((bucket) => bucket.length > 0)) {
    for (const bucket of buckets) {
      if (bucket.length === 0 || chosen.length >= count) continue;
      chosen.push(...bucket.splice(random.integer(0, bucket.length - 1), 1));
    }
  }
  return chosen;
}

export type Planted = { affairs: Affair[]; planted: PlantedFault[] };

/** Puts faults into a faultless world: where no other explanation is equally true, on some orders several at once. */
export function plantFaults(affairs: readonly Affair[], how: How): Planted {
  if (how.mode === "none") return { affairs: [...affairs], planted: [] };
  const result = [...affairs];
  const planted: PlantedFault[] = [];
  const taken = new Set<number>();
  const plans = how.mode === "unknown" ? [unknownCause] : [...STACKED, ...PLANS];
  plans.forEach((plan, turn) => {
    for (const index of choose(
      plan,
      affairs,
      taken,
      how.mode === "unknown" ? { ...how, count: 1 } : how,
      turn,
    )) {
      const affair = affairs[index];
      if (!affair) continue;
      taken.add(index);
      const tools = toolsFor(how, plan, affair);
      const { order, documents, truth } =
        how.mode === "resolved" ? plan.resolve(affair, tools) : plan.plant(affair, tools);
      result[index] = { order, documents };
      planted.push(...truth);
    }
  });
  return { affairs: result, planted };
}
