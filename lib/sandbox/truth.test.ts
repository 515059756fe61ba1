import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { localDate, startOfMonth } from "@/lib/sandbox/calendar";
import { END_OF_TIME, erpLines, scayleLines } from "@/lib/sandbox/figures";
import { FAULT_NAMES, type FaultMode, type PlantedFault, type World } from "@/lib/sandbox/model";
import { plantedTruth } from "@/lib/sandbox/truth";
import { makeWorld } from "@/lib/sandbox/world";

const made = new Map<string, World>();
/** A world, made once: nothing here changes one. */
function make(faults: FaultMode, seed = 1, orders = 3_000): World {
  const name = `${faults} ${seed} ${orders}`;
  const world = made.get(name) ?? makeWorld({ seed, orders, anchor: "2026-10", faults });
  made.set(name, world);
  return world;
}
const withoutRounding = (truth: PlantedFault[]) => truth.filter((fault) => fault.cause !== "rounding");

type Sums = Record<string, bigint>;

/** SCAYLE − ERP by entity, period, currency and column, from the books themselves, where the net is known on both sides. */
function differences(world: World, at: number): Sums {
  const sums: Sums = {};
  const count = (key: string, amount: bigint) => {
    sums[key] = (sums[key] ?? 0n) + amount;
  };
  for (const { document } of world.summaries) {
    for (const line of erpLines(document, at)) {
      const key = `${document.entity} ${line.period} ${line.currency}`;
      for (const column of ["net", "tax", "gross"] as const) count(`${key} ${column}`, -line[column]);
    }
  }
  for (const { order, documents } of world.affairs) {
    const lines = [
      ...scayleLines(order, at).map((line) => ({ ...line, sign: 1n })),
      ...documents.flatMap((one) => erpLines(one, at)).map((line) => ({ ...line, sign: -1n })),
    ];
    for (const line of lines) {
      const key = `${order.entity} ${line.period} ${line.currency}`;
      count(`${key} gross`, line.sign * line.gross);
      if (!order.netKnown) continue;
      count(`${key} net`, line.sign * line.net);
      count(`${key} tax`, line.sign * line.tax);
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}

function explained(truth: PlantedFault[]): Sums {
  const sums: Sums = {};
  for (const fault of truth) {
    for (const amount of fault.amounts) {
      for (const column of ["net", "tax", "gross"] as const) {
        const key = `${fault.entity} ${amount.period} ${amount.currency} ${column}`;
        sums[key] = (sums[key] ?? 0n) + amount[column];
      }
    }
  }
  return Object.fromEntries(Object.entries(sums).filter(([, amount]) => amount !== 0n));
}

describe("the truth about the world", () => {
  it.each([1, 2, 3, 4])(
    "plants each fault at least four times, in both entities and all months (seed %i)",
    (seed) => {
      const truth = withoutRounding(plantedTruth(make("planted", seed)));
      for (const name of FAULT_NAMES) {
        const rows = truth.filter((fault) => fault.cause === name);
        expect(rows.length, name).toBeGreaterThanOrEqual(4);
        const entities = new Set(rows.map((fault) => fault.entity));
        // There is no marketplace in the United Kingdom, so no marketplace order without a tax code either.
        expect(entities.size, name).toBe(name === "tax-code-missing" ? 1 : 2);
        const periods = new Set(rows.flatMap((fault) => fault.amounts.map((amount) => amount.period)));
        if (name !== "record-failed")
          expect([...periods].sort(), name).toEqual(["2026-08", "2026-09", "2026-10"]);
      }
    },
  );

  it.each([1, 2, 3, 4])("lets some orders bear two or three faults, each fault once (seed %i)", (seed) => {
    const truth = withoutRounding(plantedTruth(make("planted", seed)));
    const byOrder = new Map<string, string[]>();
    for (const fault of truth) {
      byOrder.set(fault.orderReference, [...(byOrder.get(fault.orderReference) ?? []), fault.cause]);
    }
    const sizes = [...byOrder.values()].map((causes) => causes.length);
    expect(sizes.filter((size) => size === 2).length).toBeGreaterThanOrEqual(15);
    expect(sizes.filter((size) => size === 3).length).toBeGreaterThanOrEqual(6);
    expect(Math.max(...sizes)).toBe(3);
    for (const causes of byOrder.values()) expect(new Set(causes).size).toBe(causes.length);
  });

  it.each(["planted", "none", "resolved", "unknown"] as const)(
    "explains SCAYLE − ERP of every entity and month to the cent (%s)",
    (mode) => {
      for (const seed of [1, 2]) {
        const world = make(mode, seed);
        expect(explained(plantedTruth(world))).toEqual(differences(world, END_OF_TIME));
      }
    },
  );

  it("explains it to the cent where a channel's days are summed up and references are lost", () => {
    const settings = { seed: 1, orders: 900, anchor: "2026-10", faults: "planted" } as const;
    const world = makeWorld({ ...settings, summaryPostings: true, lostReferences: true, numberGaps: 3 });
    expect(explained(plantedTruth(world))).toEqual(differences(world, END_OF_TIME));
  });

  it("explains it to the cent in small worlds of any seed", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000_000 }),
        fc.integer({ min: 30, max: 240 }),
        fc.constantFrom<FaultMode>("planted", "none", "resolved", "unknown"),
        (seed, orders, mode) => {
          const world = make(mode, seed, orders);
          expect(explained(plantedTruth(world))).toEqual(differences(world, END_OF_TIME));
        },
      ),
      { numRuns: 25 },
    );
  });

  it("knows nothing but cut-offs once the faults are resolved at their source, and nothing at all without faults", () => {
    const causes = (mode: FaultMode) => [
      ...new Set(withoutRounding(plantedTruth(make(mode))).map((one) => one.cause)),
    ];
    expect(causes("resolved")).toEqual(["cut-off"]);
    expect(causes("none")).toEqual([]);
    expect(causes("unknown")).toEqual(["unexplained"]);
  });

  it("resolves within the month: no document of an earlier month is posted after it ended and its lag is over", () => {
    const natural = new Set(
      make("none").affairs.flatMap((affair) => affair.documents.map((document) => document.id)),
    );
    for (const { documents } of make("resolved").affairs) {
      for (const document of documents) {
        if (natural.has(document.id)) continue;
        expect(localDate(document.postedAt ?? 0, "UTC").slice(0, 7)).toBe(document.postingDate.slice(0, 7));
      }
    }
  });

  it("says each fault of the three months as soon as they are over, with the same amounts as later", () => {
    const world = make("planted");
    const early = withoutRounding(plantedTruth(world, startOfMonth("2026-11")));
    expect(early).toEqual(withoutRounding(plantedTruth(world)));
  });

  it("makes the fault of unknown cause one that neither price nor rate explains", () => {
    const world = make("unknown");
    const [fault] = withoutRounding(plantedTruth(world));
    const document = world.affairs
      .flatMap((one) => one.documents)
      .find((one) => one.number === fault?.erpDocument && one.entity === fault.entity);
    const odd =
      document?.lines.filter((line) => line.quantity * line.unitPrice - line.discount !== line.gross) ?? [];
    expect(odd).toHaveLength(1);
    expect(fault?.amounts.map((amount) => amount.gross)).toEqual([-137n]);
    const [line] = odd;
    const exact = line ? (Number(line.gross) * Number(line.rate)) / (1_000 + Number(line.rate)) : 0;
    expect(Math.abs(exact - Number(line?.tax))).toBeGreaterThan(2);
  });
});
