import { describe, expect, it } from "vitest";
import { firstView, SetStockPolicy, StockQuery } from "./schema";

const given = {
  entityId: "E1",
  warehouses: ["central", "store"],
  main: "central",
  movesOn: "order-confirmed",
  toldWithinMinutes: 15,
  reason: "Two warehouses are ours.",
};

describe("how stock is compared", () => {
  it.each(["basket-item-added", "basket", "Basket.Updated", " basket-checkout"])(
    "never moves on %s, with the reason",
    (movesOn) => {
      const { error } = SetStockPolicy.safeParse({ ...given, movesOn });
      expect(error?.issues[0]?.message).toMatch(/never with a basket: most baskets are never bought/);
    },
  );

  it("moves on the events of an order's creation alone", () => {
    expect(SetStockPolicy.safeParse(given).success).toBe(true);
    expect(SetStockPolicy.safeParse({ ...given, movesOn: "order-pending" }).success).toBe(true);
    expect(SetStockPolicy.safeParse({ ...given, movesOn: "order-invoiced" }).success).toBe(false);
  });

  it("gives the difference to one of its own warehouses, and is set with a reason", () => {
    expect(SetStockPolicy.safeParse({ ...given, main: "elsewhere" }).success).toBe(false);
    expect(SetStockPolicy.safeParse({ ...given, reason: "" }).success).toBe(false);
  });

  it("is asked for by an address that may say anything", () => {
    expect(StockQuery.parse({ view: "nothing", page: "-3", q: ["a", "b"] })).toMatchObject({
      view: undefined,
      page: 1,
      q: "a",
    });
  });

  it.each([
    [{ q: "" }, { drifting: 1, risk: 2 }, "drifting"],
    [{ q: "" }, { drifting: 0, risk: 2 }, "risk"],
    [{ q: "" }, { drifting: 0, risk: 0 }, "all"],
    [{ q: "shirt" }, { drifting: 1, risk: 2 }, "all"],
    [{ q: "", view: "all" }, { drifting: 1, risk: 2 }, "all"],
  ] as const)("asked %o, with %o, begins with %s", (asked, found, view) => {
    expect(firstView(asked, found)).toBe(view);
  });
});
