import { addMonths, type Month } from "@/lib/sandbox/calendar";
import {
  cancelledButInvoiced,
  creditMissingInErp,
  creditNoteFailed,
  cutOff,
  duplicateInErp,
  recordFailed,
  saleMissingInErp,
  saleMissingInScayle,
} from "@/lib/sandbox/faults/documents";
import { priceWrong, quantityWrong, taxCodeMissing, unknownCause } from "@/lib/sandbox/faults/lines";
import type { FaultPlan, FaultTools } from "@/lib/sandbox/faults/plan";
import type { Affair, ErpDocument, FaultMode, PlantedFault } from "@/lib/sandbox/model";
import { makeRandom } from "@/lib/sandbox/random";
import { ENTITIES, type EntityCode } from "@/lib/sandbox/retailer";

/** The choosy ones first, so that no easy-going fault takes the order that they need. */
const PLANS: readonly FaultPlan[] = [
  cutOff,
  priceWrong,
  quantityWrong,
  creditMissingInErp,
  taxCodeMissing,
  cancelledButInvoiced,
  creditNoteFailed,
  duplicateInErp,
  saleMissingInErp,
  saleMissingInScayle,
  recordFailed,
];

type Bucket = { entity: EntityCode; month: Month };

/**
 * A fault falls between the 3rd and the 22nd, so that it is in one month only and over, resolution included, when the
 * month ends. A cut-off is the opposite: at an edge that has another of the three months behind it.
 */
function isInSeason(plan: FaultPlan, date: string, anchor: Month): boolean {
  const [month, day] = [date.slice(0, 7), Number(date.slice(8))];
  if (plan.cause !== "cut-off") return day >= 3 && day <= 22;
  return day < 15 ? month !== addMonths(anchor, -2) : month !== anchor;
}

function bucketsFrom(anchor: Month, turn: number): Bucket[] {
  const months = [0, -1, -2].map((count) => addMonths(anchor, count));
  const all = months.flatMap((month) =>
    (Object.keys(ENTITIES) as EntityCode[]).map((entity) => ({ entity, month })),
  );
  return all.map((_, index) => all[(index + turn) % all.length]).filter((bucket) => bucket !== undefined);
}

/** The affairs that bear the fault: taken in turn from each entity and month, by chance within them. */
function choose(
  plan: FaultPlan,
  affairs: readonly Affair[],
  taken: Set<number>,
  how: { seed: number; anchor: Month; count: number; turn: number },
): number[] {
  const candidates = new Map<string, number[]>();
  affairs.forEach((affair, index) => {
    if (taken.has(index)) return;
    const date = plan.fits(affair);
    if (date === null || !isInSeason(plan, date, how.anchor)) return;
    const key = `${affair.order.entity}/${date.slice(0, 7)}`;
    candidates.set(key, [...(candidates.get(key) ?? []), index]);
  });
  const random = makeRandom(how.seed, "faults", plan.cause);
  const chosen: number[] = [];
  const buckets = bucketsFrom(how.anchor, how.turn).map(
    ({ entity, month }) => candidates.get(`${entity}/${month}`) ?? [],
  );
  while (chosen.length < how.count && buckets.some((bucket) => bucket.length > 0)) {
    for (const bucket of buckets) {
      if (bucket.length === 0 || chosen.length >= how.count) continue;
      chosen.push(...bucket.splice(random.integer(0, bucket.length - 1), 1));
    }
  }
  return chosen;
}

/** Numbers of documents made by hand: a series of their own, so that the others keep theirs in every mode. */
function handNumbers(): (like: ErpDocument) => string {
  const last = new Map<string, number>();
  return (like) => {
    const series = like.kind === "sale" ? "PSI" : "PSCM";
    const count = (last.get(`${like.entity}/${series}`) ?? 0) + 1;
    last.set(`${like.entity}/${series}`, count);
    return `${series}-9${String(count).padStart(5, "0")}`;
  };
}

export type Planted = { affairs: Affair[]; planted: PlantedFault[] };

/**
 * Puts faults into a faultless world: one per order at most, each where no other explanation is equally true.
 * @param count how many of each kind (kinds for which the world has too few orders get fewer)
 */
export function plantFaults(
  affairs: readonly Affair[],
  { seed, anchor, mode, count }: { seed: number; anchor: Month; mode: FaultMode; count: number },
): Planted {
  if (mode === "none") return { affairs: [...affairs], planted: [] };
  const result = [...affairs];
  const planted: PlantedFault[] = [];
  const taken = new Set<number>();
  const nextNumber = handNumbers();
  const plans = mode === "unknown" ? [unknownCause] : PLANS;
  plans.forEach((plan, turn) => {
    const how = { seed, anchor, count: mode === "unknown" ? 1 : count, turn };
    for (const index of choose(plan, affairs, taken, how)) {
      const affair = affairs[index];
      if (!affair) continue;
      taken.add(index);
      const random = makeRandom(seed, plan.cause, affair.order.id);
      const tools: FaultTools = { random, nextNumber, anchor };
      const { order, documents, truth } =
        mode === "resolved" ? plan.resolve(affair, tools) : plan.plant(affair, tools);
      result[index] = { order, documents };
      planted.push(...truth);
    }
  });
  return { affairs: result, planted };
}
