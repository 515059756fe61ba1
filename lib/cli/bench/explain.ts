import { explainGroup } from "@/lib/causes/explain";
import { fractionOf, sampleGroup, sampleLine, taxIn, unitTax } from "@/lib/causes/samples";
import type { Group, GroupLine } from "@/lib/domain/group";

/** A generator of whole numbers that gives the same row for the same seed (mulberry32). */
export function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const SKUS = ["CAP", "COAT", "DRESS", "TEE"];

/** Groups in the sandbox's shape that differ: one to four products a side, most with rounding cents, some with a fault. */
export function benchGroups(count: number, seed = 1): readonly Group[] {
  const random = randomOf(seed);
  const made: Group[] = [];
  while (made.length < count) {
    const group = benchGroup(random, made.length);
    if (group) made.push(group);
  }
  return made;
}

function benchGroup(random: (below: number) => number, index: number): Group | null {
  const fault = random(10);
  const scayle: GroupLine[] = [];
  const erp: GroupLine[] = [];
  let [soFar, taxSoFar] = [0n, 0n];
  const products = 1 + random(4);
  for (let product = 0; product < products; product += 1) {
    const gross = BigInt(999 + 500 * random(40) + random(3));
    const count = 1 + random(2);
    const itemKey = SKUS[product] ?? "TEE";
    for (let unit = 0; unit < count; unit += 1) {
      scayle.push(
        sampleLine("scayle", `u${index}-${product}-${unit}`, `s${index}`, "sale", {
          gross,
          tax: unitTax(gross),
          itemKey,
        }),
      );
    }
    const isDear = fault === 0 && product === 0;
    const price = isDear ? gross + 500n : gross;
    const total = price * BigInt(count);
    soFar += total;
    const tax = taxIn(soFar) - taxSoFar;
    taxSoFar += tax;
    const model = scayle[0];
    if (!model) return null;
    erp.push(
      sampleLine("erp", `e${index}-${product}`, `i${index}`, "sale", {
        gross: total,
        tax,
        itemKey,
        position: product,
        quantity: model.quantity.times(count),
        unitPrice: fractionOf(price * 10n),
      }),
    );
  }
  if (fault === 1) return sampleGroup(scayle);
  const differs =
    scayle.reduce((all, one) => all + (one.tax ?? 0n), 0n) !==
      erp.reduce((all, one) => all + (one.tax ?? 0n), 0n) || fault === 0;
  return differs ? sampleGroup([...scayle, ...erp]) : null;
}

export type ExplainBench = Readonly<{
  groups: number;
  perSecond: number;
  causes: Readonly<Record<string, number>>;
}>;

/** Explains that many differing groups on this core and says how many a second. The groups are made beforehand. */
export function benchExplain(groups: number): ExplainBench {
  const sample = benchGroups(Math.min(groups, 5_000));
  const causes: Record<string, number> = {};
  const started = process.cpuUsage();
  for (let done = 0; done < groups; done += 1) {
    const group = sample[done % sample.length];
    if (!group) break;
    for (const { cause } of explainGroup(group).findings) causes[cause.code] = (causes[cause.code] ?? 0) + 1;
  }
  const { user, system } = process.cpuUsage(started);
  const seconds = (user + system) / 1_000_000;
  return { groups, perSecond: Math.round(groups / seconds), causes };
}

if (process.argv[1]?.endsWith("explain.ts")) {
  benchExplain(2_000);
  console.log(JSON.stringify(benchExplain(Number(process.argv[2] ?? 20_000))));
}
