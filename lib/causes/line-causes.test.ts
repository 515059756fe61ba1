import { describe, expect, it } from "vitest";
import { explainGroup } from "./explain";
import {
  sampleDocument,
  sampleErp,
  sampleGroup,
  sampleItem,
  sampleOrder,
  sampleUnit,
  taxIn,
  unitTax,
} from "./samples";
import { toldOf, untold } from "./testing";

const tee = sampleUnit("u1", "sale", "TEE", 1999n);
const fee = sampleUnit("fee", "sale", "charge", 490n);
const posted = { itemKey: "TEE", price: 1999n };
const shipping = { itemKey: "charge", price: 490n };

describe("shipping-missing", () => {
  it("is SCAYLE's charge that the ERP never posted, and the other way round", () => {
    expect(toldOf(sampleGroup([tee, fee, ...sampleErp("i", "sale", [posted])]))).toEqual([
      `shipping-missing gross 490 tax ${unitTax(490n)}`,
    ]);
    expect(toldOf(sampleGroup([tee, ...sampleErp("i", "sale", [posted, shipping])]))[0]).toBe(
      `shipping-missing gross -490 tax -${taxIn(2489n) - taxIn(1999n)}`,
    );
  });

  it("is the shipping that one side gave back with a return", () => {
    const back = sampleUnit("b1", "credit", "TEE", 1999n);
    const backFee = sampleUnit("bf", "credit", "charge", 490n);
    const lines = [tee, fee, back, backFee, ...sampleErp("i", "sale", [posted, shipping])];
    expect(toldOf(sampleGroup([...lines, ...sampleErp("m", "credit", [posted])]))).toEqual([
      `shipping-missing gross -490 tax -${unitTax(490n)}`,
    ]);
  });

  it("is not another price of the same charge, nor two charges that nobody can tell apart", () => {
    const dear = sampleErp("i", "sale", [posted, { itemKey: "charge", price: 590n }]);
    expect(toldOf(sampleGroup([tee, fee, ...dear]))[0]).toContain("price-wrong gross -100");
    const two = sampleErp("i", "sale", [
      posted,
      { itemKey: "charge", price: 300n },
      { itemKey: "charge", price: 250n },
    ]);
    expect(toldOf(sampleGroup([tee, fee, ...two])).some((one) => one.includes("shipping-missing"))).toBe(
      false,
    );
  });
});

describe("item-wrong", () => {
  const other = { itemKey: "TEE-OLD", price: 1999n };

  it("is as many units of an item that SCAYLE doesn't have, worth nothing at the same price", () => {
    const group = sampleGroup([tee, ...sampleErp("i", "sale", [other])]);
    const { findings, pairs } = explainGroup(group);
    expect(toldOf(group)).toEqual(["item-wrong gross 0 tax 0"]);
    expect(findings[0]?.claim.subject.sourceLine).toBe("i TEE-OLD");
    // The line stands beside what it is meant to be, as it was posted.
    expect(pairs.map(({ pair }) => [pair.itemKey, pair.scayle[0]?.itemKey, pair.erp[0]?.itemKey])).toEqual([
      ["TEE", "TEE", "TEE-OLD"],
    ]);
  });

  it("carries the difference where the item has its own price", () => {
    expect(toldOf(sampleGroup([tee, ...sampleErp("i", "sale", [{ itemKey: "X", price: 2499n }])]))).toEqual([
      `item-wrong gross -500 tax ${319n - taxIn(2499n)}`,
    ]);
  });

  it("is not a second item beside the right one, another quantity, or an item of the order", () => {
    const beside = sampleErp("i", "sale", [posted, other]);
    expect(toldOf(sampleGroup([tee, ...beside]))[0]).toContain("unexplained");
    const two = sampleErp("i", "sale", [{ ...other, count: 2 }]);
    expect(toldOf(sampleGroup([tee, ...two])).every((one) => one.startsWith("unexplained"))).toBe(true);
    const order = sampleOrder([
      sampleItem("u1"),
      sampleItem("u2", {
        sku: "TEE-OLD",
        status: "cancelled",
        shippedAt: null,
        cancelledAt: new Date("2026-10-11"),
      }),
    ]);
    const cancelled = toldOf(sampleGroup([tee, ...sampleErp("i", "sale", [other])], { order }));
    expect(cancelled[0]).toContain("cancelled-but-invoiced");
  });
});

describe("currency-wrong", () => {
  const inFrancs = (price: bigint) =>
    sampleErp("i", "sale", [{ itemKey: "TEE", price, more: { currency: "CHF" } }]);

  it("is the same figures in another currency: plus in one, minus in the other, nothing converted", () => {
    const group = sampleGroup([tee, ...inFrancs(1999n)]);
    const outcome = explainGroup(group);
    expect(outcome.findings.map(({ cause }) => cause.code)).toEqual(["currency-wrong"]);
    expect(
      outcome.findings[0]?.parts.map(({ currency, amounts }) => [currency, amounts.gross, amounts.tax]),
    ).toEqual([
      ["CHF", -1999n, -319n],
      ["EUR", 1999n, 319n],
    ]);
    // Each part's currency is its pair's.
    for (const part of outcome.findings[0]?.parts ?? []) {
      expect(outcome.pairs.find(({ pair }) => pair.id === part.pairId)?.pair.currency).toBe(part.currency);
    }
    for (const currency of ["EUR", "CHF"]) {
      expect(untold(group, outcome, "2026-10", currency)).toEqual({ net: 0n, tax: 0n, gross: 0n });
    }
  });

  it("is so too where a voucher was taken off one unit of several of an item, however the ERP puts them in lines", () => {
    const more = { currency: "CHF" };
    const units = [1499n, 1999n, 1999n].map((gross, index) => sampleUnit(`u${index}`, "sale", "TEE", gross));
    const apart = [
      { itemKey: "TEE", price: 1999n, count: 2, more },
      { itemKey: "TEE", price: 1499n, more },
    ];
    const inTwos = [
      units[0],
      ...[1998n, 2000n].map((gross, index) => sampleUnit(`v${index}`, "sale", "TEE", gross)),
    ];
    for (const [sold, posted] of [
      [units, apart],
      [inTwos.filter((unit) => unit !== undefined), apart],
    ] as const) {
      const told = toldOf(sampleGroup([...sold, ...sampleErp("i", "sale", posted)]));
      expect(told.map((one) => one.split(" ")[0]).filter((one) => one !== "rounding")).toEqual([
        "currency-wrong",
      ]);
    }
    const converted = apart.map((one) => ({ ...one, price: (one.price * 94n) / 100n }));
    const told = toldOf(sampleGroup([...units, ...sampleErp("i", "sale", converted)]));
    expect(told.every((one) => one.startsWith("unexplained"))).toBe(true);
  });

  it("leaves a wrong price beside it to its own cause", () => {
    const cap = sampleUnit("u2", "sale", "CAP", 2500n);
    const coat = sampleUnit("u3", "sale", "COAT", 9900n);
    const more = { currency: "CHF" };
    const erp = sampleErp("i", "sale", [
      { itemKey: "TEE", price: 1999n, more },
      { itemKey: "CAP", price: 2500n, more },
      { itemKey: "COAT", price: 9900n + 500n, more },
    ]);
    const group = sampleGroup([tee, cap, coat, ...erp]);
    const told = toldOf(group);
    expect(told.map((one) => one.split(" ")[0])).toEqual(["currency-wrong", "price-wrong"]);
    expect(told[1]).toContain("gross -500");
  });

  it("is not a converted amount", () => {
    expect(toldOf(sampleGroup([tee, ...inFrancs(1872n)])).every((one) => one.startsWith("unexplained"))).toBe(
      true,
    );
  });
});

describe("voucher-allocation", () => {
  // 40.00 and 60.00 with 10.00 off: SCAYLE on the dearer, 40.00 and 50.00.
  const coat = sampleUnit("u1", "sale", "COAT", 5000n);
  const book = sampleUnit("u2", "sale", "BOOK", 4000n, 70n);
  const order = (vouchers = [{ code: "X", type: "absolute", value: "1000" }]) =>
    sampleOrder([sampleItem("u1", { sku: "COAT" }), sampleItem("u2", { sku: "BOOK" })], { vouchers });
  const erp = (onCoat: bigint, onBook: bigint) =>
    sampleErp("i", "sale", [
      { itemKey: "COAT", price: onCoat },
      { itemKey: "BOOK", price: onBook, rate: 70n },
    ]);
  const group = (onCoat: bigint, onBook: bigint, of = order()) =>
    sampleGroup([coat, book, ...erp(onCoat, onBook)], { order: of });

  it("is a voucher spread by value, or on the other item, with the tax that follows", () => {
    const spread = taxIn(5000n) - taxIn(5400n) + taxIn(4000n, 70n) - taxIn(3600n, 70n);
    expect(toldOf(group(5400n, 3600n))).toEqual([`voucher-allocation gross 0 tax ${spread}`]);
    const moved = taxIn(5000n) - taxIn(6000n) + taxIn(4000n, 70n) - taxIn(3000n, 70n);
    expect(toldOf(group(6000n, 3000n))).toEqual([`voucher-allocation gross 0 tax ${moved}`]);
  });

  it("is not two wrong prices that happen to cancel out, nor anything without a voucher", () => {
    const codes = (one: ReturnType<typeof group>) => toldOf(one).map((text) => text.split(" ")[0]);
    expect(codes(group(5300n, 3700n))).toEqual(["price-wrong", "price-wrong"]);
    expect(codes(group(5400n, 3600n, order([])))).toEqual(["price-wrong", "price-wrong"]);
  });
});

describe("refund-amount-wrong", () => {
  const back = sampleUnit("b1", "credit", "TEE", 1999n);
  const sale = [tee, back, ...sampleErp("i", "sale", [posted])];
  const memo = (price: bigint, more = {}) => sampleErp("m", "credit", [{ itemKey: "TEE", price, more }]);

  it("is another amount for the same units, whether the memo's price gives it or not", () => {
    const tax = -319n + taxIn(1499n);
    expect(toldOf(sampleGroup([...sale, ...memo(1499n)]))).toEqual([
      `refund-amount-wrong gross -500 tax ${tax}`,
    ]);
    const byHand = memo(1499n, { unitPrice: tee.unitPrice });
    expect(toldOf(sampleGroup([...sale, ...byHand]))).toEqual([`refund-amount-wrong gross -500 tax ${tax}`]);
  });

  it("sees a credit larger than what was sold", () => {
    expect(toldOf(sampleGroup([...sale, ...memo(2999n)]))).toEqual([
      `refund-amount-wrong gross 1000 tax ${taxIn(2999n) - 319n}`,
    ]);
  });

  it("is not a memo that repeats the wrong price of its own invoice", () => {
    const dear = [tee, back, ...sampleErp("i", "sale", [{ itemKey: "TEE", price: 2099n }]), ...memo(2099n)];
    expect(toldOf(sampleGroup(dear)).map((one) => one.split(" ")[0])).toEqual(["price-wrong", "price-wrong"]);
  });

  it("is not the tax alone", () => {
    const [line] = memo(1999n);
    if (!line) throw new Error("no line");
    const off = { ...line, tax: (line.tax ?? 0n) - 2n, net: (line.net ?? 0n) + 2n };
    expect(toldOf(sampleGroup([...sale, off]))).toEqual(["unexplained gross 0 tax 2"]);
  });
});

describe("alternatives", () => {
  it("doubts a duplicate where a cancelled unit would explain the second invoice as well", () => {
    const order = sampleOrder([
      sampleItem("u1"),
      sampleItem("u2", { status: "cancelled", shippedAt: null, cancelledAt: new Date("2026-10-11") }),
    ]);
    const group = sampleGroup(
      [tee, ...sampleErp("i", "sale", [posted]), ...sampleErp("j", "sale", [posted])],
      { order },
    );
    const { findings } = explainGroup(group);
    expect(findings.map(({ cause }) => cause.code)).toEqual(["duplicate-in-erp"]);
    expect(findings[0]?.alternatives.map((set) => set.map(({ cause }) => cause.code))).toEqual([
      ["cancelled-but-invoiced"],
    ]);
  });

  it("doubts nothing that only a general cause would explain too", () => {
    const order = sampleOrder([
      sampleItem("u1"),
      sampleItem("u2", { status: "cancelled", shippedAt: null, cancelledAt: new Date("2026-10-11") }),
    ]);
    const two = sampleErp("i", "sale", [{ ...posted, count: 2 }]);
    const { findings } = explainGroup(sampleGroup([tee, ...two], { order }));
    expect(findings.map(({ cause, alternatives }) => [cause.code, alternatives.length])).toEqual([
      ["cancelled-but-invoiced", 0],
      ...(findings.length > 1 ? [["rounding", 0]] : []),
    ]);
  });
});

describe("over time", () => {
  const inMonth = (month: string) => ({ period: month, day: `${month}-10` });
  const asOf = (day: string) => ({ asOf: new Date(`${day}T00:00:00Z`) });
  const november = sampleUnit("b1", "credit", "TEE", 1999n, 190n, inMonth("2026-11"));
  const december = sampleErp("m", "credit", [{ ...posted, more: inMonth("2026-12") }]);
  const lines = [tee, november, ...sampleErp("i", "sale", [posted]), ...december];

  it("moves a credit of November that the ERP posted in December; both months tie out, and then it clears itself", () => {
    const open = explainGroup(sampleGroup(lines, asOf("2026-12-20")));
    expect(open.findings.map(({ cause, bucket }) => [cause.code, bucket])).toEqual([["cut-off", "open"]]);
    expect(open.findings[0]?.parts.map(({ period, amounts }) => [period, amounts.gross])).toEqual([
      ["2026-11", -1999n],
      ["2026-12", 1999n],
    ]);
    const over = sampleGroup(lines, asOf("2027-01-03"));
    const cleared = explainGroup(over);
    expect(cleared.findings.map(({ bucket }) => bucket)).toEqual(["explained"]);
    expect(cleared.pairs.map(({ bucket }) => bucket).includes("open")).toBe(false);
    for (const period of ["2026-10", "2026-11", "2026-12"])
      expect(untold(over, cleared, period, "EUR")).toEqual({ net: 0n, tax: 0n, gross: 0n });
  });

  it("takes the end of the month in the entity's time zone", () => {
    // 23:30 UTC on 31 December is January in Berlin.
    const group = sampleGroup(lines, { asOf: new Date("2026-12-31T23:30:00Z") });
    expect(explainGroup(group).findings[0]?.bucket).toBe("explained");
    expect(explainGroup({ ...group, asOf: new Date("2026-12-31T22:30:00Z") }).findings[0]?.bucket).toBe(
      "open",
    );
  });

  it("sums several invoices of one order, and several credits in one memo", () => {
    const units = ["a", "b", "c"].map((id) => sampleUnit(id, "sale", "TEE", 1999n));
    const backs = ["a", "b"].map((id) => sampleUnit(`b${id}`, "credit", "TEE", 1999n));
    const invoices = ["i", "j", "k"].flatMap((id) => sampleErp(id, "sale", [posted]));
    const memo = sampleErp("m", "credit", [{ ...posted, count: 2 }]);
    expect(toldOf(sampleGroup([...units, ...backs, ...invoices, ...memo]))).toEqual([]);
  });

  it("pairs a return that came before its invoice", () => {
    const early = sampleUnit("b1", "credit", "TEE", 1999n, 190n, inMonth("2026-09"));
    const memo = sampleErp("m", "credit", [{ ...posted, more: inMonth("2026-09") }]);
    expect(toldOf(sampleGroup([tee, early, ...memo, ...sampleErp("i", "sale", [posted])]))).toEqual([]);
  });

  it("takes more units credited than came back for another quantity", () => {
    const back = sampleUnit("b1", "credit", "TEE", 1999n);
    const memo = sampleErp("m", "credit", [{ ...posted, count: 2 }]);
    const two = sampleErp("i", "sale", [{ ...posted, count: 2 }]);
    const group = sampleGroup([tee, sampleUnit("u2", "sale", "TEE", 1999n), back, ...two, ...memo]);
    expect(toldOf(group).map((one) => one.split(" ").slice(0, 3).join(" "))).toContain(
      "quantity-wrong gross 1999",
    );
  });

  it("nets a cancelled invoice that was issued again in another month", () => {
    const first = sampleErp("i", "sale", [posted]);
    const reversal = sampleErp("m", "credit", [{ ...posted, more: inMonth("2026-11") }]);
    const again = sampleErp("j", "sale", [{ ...posted, more: inMonth("2026-11") }]);
    const group = sampleGroup([tee, ...first, ...reversal, ...again], {
      documents: [
        sampleDocument("scayle", "s-sale", "sale"),
        sampleDocument("erp", "i", "sale"),
        sampleDocument("erp", "m", "credit", { originalNumber: "I", postingDay: "2026-11-10" }),
        sampleDocument("erp", "j", "sale", { postingDay: "2026-11-10" }),
      ],
      ...asOf("2026-12-20"),
    });
    const outcome = explainGroup(group);
    expect(outcome.findings.map(({ cause, bucket }) => [cause.code, bucket])).toEqual([
      ["reversed-in-erp", "explained"],
      ["cut-off", "explained"],
    ]);
    for (const period of ["2026-10", "2026-11"])
      expect(untold(group, outcome, period, "EUR")).toEqual({ net: 0n, tax: 0n, gross: 0n });
  });
});
