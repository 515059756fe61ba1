import { describe, expect, it } from "vitest";
import type { GroupLine } from "@/lib/domain/group";
import { stepsOf } from "./contract";
import { explainGroup } from "./explain";
import {
  fractionOf,
  halfUp,
  sampleErp,
  sampleGroup,
  sampleItem,
  sampleOrder,
  sampleSettings,
  sampleUnit,
  taxIn,
  unitTax,
} from "./samples";
import { toldOf } from "./testing";

const tee = sampleUnit("u1", "sale", "TEE", 1999n);

describe("tax-code-wrong", () => {
  const at7 = sampleErp("inv-1", "sale", [{ itemKey: "TEE", price: 1999n, rate: 70n }]);

  it("is the tax that the wrong code's rate makes, where the ERP posted exactly that", () => {
    expect(toldOf(sampleGroup([tee, ...at7]))).toEqual([
      `tax-code-wrong gross 0 tax ${319n - taxIn(1999n, 70n)}`,
    ]);
    const [line] = explainGroup(sampleGroup([tee, ...at7])).findings;
    expect(line?.claim.explanation).toContain("tax code VAT7; expected VAT19");
  });

  it("is worth nothing where only the code is another", () => {
    const coded = sampleErp("inv-1", "sale", [
      { itemKey: "TEE", price: 1999n, more: { taxCode: "VAT19-OLD" } },
    ]);
    expect(toldOf(sampleGroup([tee, ...coded]))).toEqual(["tax-code-wrong gross 0 tax 0"]);
  });

  it("is not claimed where the tax is not the wrong rate's either", () => {
    const odd = at7.map((line) => ({ ...line, tax: (line.tax ?? 0n) + 2n, net: (line.net ?? 0n) - 2n }));
    expect(toldOf(sampleGroup([tee, ...odd]))).toEqual([
      `unexplained gross 0 tax ${319n - taxIn(1999n, 70n) - 2n}`,
    ]);
  });

  it("is not claimed for a charge that stands for two of different rates, neither of its amount", () => {
    const fees = [sampleUnit("fee", "sale", "charge", 490n), sampleUnit("wrap", "sale", "charge", 300n, 70n)];
    const posted = sampleErp("inv-1", "sale", [{ itemKey: "charge", price: 790n, rate: 70n }]);
    const told = toldOf(sampleGroup([...fees, ...posted]));
    expect(told.filter((one) => one.startsWith("tax-code-wrong"))).toEqual([]);
    expect(told.some((one) => one.startsWith("unexplained"))).toBe(true);
  });

  it("takes a code that is right for one channel alone as right there, and nowhere else", () => {
    const coded = sampleErp("inv-1", "sale", [{ itemKey: "TEE", price: 1999n, more: { taxCode: "MP19" } }]);
    const only = { shipTo: "DE", channel: "key:bazaar", rate: fractionOf(190n), taxCode: "MP19" };
    const settings = { taxRules: [...sampleSettings.taxRules, only] };
    const told = (channel: string) =>
      toldOf(sampleGroup([tee, ...coded], { settings, order: sampleOrder([sampleItem("u1")], { channel }) }));
    expect(told("bazaar")).toEqual([]);
    expect(told("bazaar_2")).toEqual(["tax-code-wrong gross 0 tax 0"]);
  });

  it("is not claimed where the mapping knows nothing of the place", () => {
    const order = sampleOrder([sampleItem("u1")], { shipTo: "FR" });
    expect(toldOf(sampleGroup([tee, ...at7], { order }))[0]).toContain("unexplained");
  });
});

describe("shipping-tax-basis", () => {
  // 20.00 at 19 % and 30.00 at 7 %: nets 16.81 and 28.04, so shipping weighs (16.81 × 0.19 + 28.04 × 0.07) / 44.85 = 11.5 %.
  const goods = [sampleUnit("u1", "sale", "TEE", 2000n), sampleUnit("u2", "sale", "BOOK", 3000n, 70n)];
  const erpGoods = [
    { itemKey: "TEE", price: 2000n },
    { itemKey: "BOOK", price: 3000n, rate: 70n },
  ];
  const items = [
    sampleItem("u1", { net: 1681n, tax: 319n, gross: 2000n }),
    sampleItem("u2", { sku: "BOOK", net: 2804n, tax: 196n, gross: 3000n, taxRate: "0.07" }),
  ];
  const weighted = halfUp(1681n * 190n + 2804n * 70n, 1681n + 2804n);
  const with_ = (scayleRate: bigint, erpRate: bigint) =>
    sampleGroup(
      [
        ...goods,
        sampleUnit("fee", "sale", "charge", 490n, scayleRate),
        ...sampleErp("inv-1", "sale", [...erpGoods, { itemKey: "charge", price: 490n, rate: erpRate }]),
      ],
      { order: sampleOrder(items) },
    );

  it("weighs the goods as the docs say", () => expect(weighted).toBe(115n));

  it("is the tax between a fixed rate and the goods' average, whichever side has which", () => {
    const inErp = taxIn(2490n) - taxIn(2000n);
    expect(toldOf(with_(weighted, 190n))).toEqual([
      `shipping-tax-basis gross 0 tax ${unitTax(490n, weighted) - inErp}`,
    ]);
    expect(toldOf(with_(190n, weighted))).toEqual([
      `shipping-tax-basis gross 0 tax ${taxIn(2490n) - taxIn(2000n) - taxIn(490n, weighted)}`,
      `rounding gross 0 tax ${unitTax(490n) - (taxIn(2490n) - taxIn(2000n))}`,
    ]);
  });

  it("is not claimed for an average that the goods don't have: that is a code of another rate", () => {
    expect(toldOf(with_(190n, weighted + 1n))[0]).toBe(
      `tax-code-wrong gross 0 tax ${taxIn(2490n) - taxIn(2000n) - taxIn(490n, weighted + 1n)}`,
    );
    expect(toldOf(with_(weighted + 20n, weighted))[0]).toContain("unexplained");
  });

  it("is ambiguous with a wrong code where all goods have the rate that the ERP took", () => {
    const book = sampleUnit("u2", "sale", "BOOK", 3000n, 70n);
    const group = sampleGroup(
      [
        book,
        sampleUnit("fee", "sale", "charge", 490n, 190n),
        ...sampleErp("inv-1", "sale", [
          { itemKey: "BOOK", price: 3000n, rate: 70n },
          { itemKey: "charge", price: 490n, rate: 70n },
        ]),
      ],
      { order: sampleOrder(items.slice(1)) },
    );
    const { findings } = explainGroup(group);
    const doubted = findings.find(({ cause }) => cause.code === "shipping-tax-basis");
    expect(doubted?.alternatives.map((set) => set.map(({ cause }) => cause.code))).toEqual([
      ["tax-code-wrong"],
    ]);
    const sumOf = (one: typeof doubted) => one?.parts.reduce((all, part) => all + part.amounts.tax, 0n);
    expect(sumOf(doubted?.alternatives[0]?.[0])).toBe(sumOf(doubted));
  });
});

describe("tax-not-recalculated", () => {
  const kept = sampleItem("u1", { net: 1680n, tax: 319n, gross: 1999n });
  const gone = sampleItem("u2", {
    sku: "CAP",
    net: 2521n,
    tax: 479n,
    gross: 3000n,
    status: "cancelled",
    shippedAt: null,
    cancelledAt: new Date("2026-10-11T00:00:00Z"),
  });
  const header = (net: bigint, tax: bigint): GroupLine => ({
    ...tee,
    id: "header",
    sourceLineId: "header",
    kind: "header",
    itemKey: "header",
    sku: null,
    net,
    tax,
    gross: net + tax,
    taxRate: null,
  });
  const posted = sampleErp("inv-1", "sale", [{ itemKey: "TEE", price: 1999n }]);
  const group = (tax: bigint, gross: bigint, more = {}) =>
    sampleGroup([tee, header(gross - tax, tax), ...posted], {
      order: sampleOrder([kept, gone], {
        cost: { gross: 1999n + gross, net: 1680n + gross - tax, tax: 319n + tax, externalPrices: false },
      }),
      ...more,
    });

  it("is the tax of what was cancelled, still in the total", () => {
    expect(toldOf(group(479n, 0n))).toEqual(["tax-not-recalculated gross 0 tax 479"]);
  });

  it("is the whole amount of what was cancelled, where the total was left as it was", () => {
    expect(toldOf(group(479n, 3000n))).toEqual(["tax-not-recalculated gross 3000 tax 479"]);
  });

  it("is not any other tax", () => {
    expect(toldOf(group(478n, 0n))).toEqual(["unexplained gross 0 tax 478"]);
  });

  it("leaves the calculator's own cents to rounding", () => {
    // Three units of 9.99: each 1.60, together 4.785, which is 4.79 rounded once per line (v1) and 4.80 unit by unit.
    const units = ["a", "b", "c"].map((id) => sampleUnit(id, "sale", "TEE", 999n));
    const items = units.map((unit) => sampleItem(unit.id, { net: 839n, tax: 160n, gross: 999n }));
    const together = taxIn(2997n);
    const lines = [
      ...units,
      header(-(together - 480n + 479n), together - 480n + 479n),
      ...sampleErp("inv-1", "sale", [{ itemKey: "TEE", price: 999n, count: 3 }]),
    ];
    const stale = sampleGroup(lines, {
      order: sampleOrder([...items, gone], {
        cost: { gross: 2997n, net: 2997n - together - 479n, tax: together + 479n, externalPrices: false },
      }),
    });
    expect(toldOf(stale)).toEqual(["tax-not-recalculated gross 0 tax 479", "rounding gross 0 tax 0"]);
  });
});

describe("rounding", () => {
  const units = ["a", "b", "c"].map((id) => sampleUnit(id, "sale", "TEE", 999n));
  const posted = sampleErp("inv-1", "sale", [{ itemKey: "TEE", price: 999n, count: 3 }]);

  it("says which policy of which side made the cents", () => {
    const [finding] = explainGroup(sampleGroup([...units, ...posted])).findings;
    expect(finding?.claim.explanation).toBe(
      "The ERP rounds VAT once per document and rate, half up, from gross prices; SCAYLE rounds it per unit, half up, from gross prices: net −0.01, tax 0.01, gross 0.00 EUR. The cents arise in the rounding of SCAYLE.",
    );
    expect(finding ? stepsOf(finding.claim) : []).toContain(
      "Unrounded the tax is 4.78513: SCAYLE's 4.80 is 0.01487 off, the ERP's 4.79 0.00487.",
    );
  });

  it("takes neither side's policy on trust: SCAYLE's has to be confirmed too, and be its own", () => {
    const other = (policy: { first?: "tax" | "net"; confirmed?: boolean; level?: "unit" | "line" }) => {
      const rounding = new Map(sampleSettings.rounding);
      for (const [id, rule] of rounding) {
        if (rule.policy.level !== "unit") continue;
        rounding.set(id, {
          policy: { ...rule.policy, level: policy.level ?? "unit" },
          confirmed: policy.confirmed ?? true,
        });
      }
      return toldOf(sampleGroup([...units, ...posted], { settings: { rounding } }));
    };
    expect(other({})).toEqual(["rounding gross 0 tax 1"]);
    expect(other({ confirmed: false })).toEqual(["unexplained gross 0 tax 1"]);
  });

  it("holds each line against its share by the document's own order, not only the sum", () => {
    const two = [sampleUnit("a", "sale", "CAP", 1003n), sampleUnit("b", "sale", "TEE", 1003n)];
    const made = sampleErp("inv-1", "sale", [
      { itemKey: "CAP", price: 1003n },
      { itemKey: "TEE", price: 1003n },
    ]);
    expect(toldOf(sampleGroup([...two, ...made]))).toEqual([]);
    const [cap, tee2] = made;
    if (!cap || !tee2) throw new Error("no lines");
    const swapped = [
      { ...cap, tax: (cap.tax ?? 0n) + 1n, net: (cap.net ?? 0n) - 1n },
      { ...tee2, tax: (tee2.tax ?? 0n) - 1n, net: (tee2.net ?? 0n) + 1n },
    ];
    expect(toldOf(sampleGroup([...two, ...swapped])).every((one) => one.startsWith("unexplained"))).toBe(
      true,
    );
  });
});

it("states rates as exact fractions", () => expect(fractionOf(115n).toString()).toBe("0.115"));
