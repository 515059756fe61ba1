import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fittingColumns, widthOf } from "./fitting-columns";

const column = (header: string, width: number, priority?: number) => ({
  header,
  meta: { width, ...(priority !== undefined && { priority }) },
});
const columns = [
  column("Cause", 10),
  column("Order", 6, 2),
  column("Gross", 8),
  column("Shop", 5, 3),
  column("Due", 7, 1),
];
const names = (width: number | null) => fittingColumns(columns, width).columns.map(({ header }) => header);

describe("columns", () => {
  it("are all there where there is room, and while that is not known", () => {
    expect(names(null)).toHaveLength(5);
    expect(names(36)).toEqual(["Cause", "Order", "Gross", "Shop", "Due"]);
  });

  it("give way by their priority, keep their order, and are named", () => {
    expect(names(35)).toEqual(["Cause", "Order", "Gross", "Due"]);
    expect(names(30)).toEqual(["Cause", "Gross", "Due"]);
    expect(fittingColumns(columns, 30).left).toEqual(["Order", "Shop"]);
  });

  it("without a priority stay, however little room there is", () => {
    expect(names(3)).toEqual(["Cause", "Gross"]);
  });

  it("never need more room than there is, but for those that stay", () => {
    const one = fc.record({
      width: fc.integer({ min: 1, max: 20 }),
      priority: fc.integer({ min: 0, max: 5 }),
    });
    fc.assert(
      fc.property(fc.array(one, { maxLength: 12 }), fc.integer({ min: 0, max: 120 }), (given, width) => {
        const all = given.map((each, at) => column(String(at), each.width, each.priority));
        const always = widthOf(all.filter(({ meta }) => meta.priority === 0));
        expect(widthOf(fittingColumns(all, width).columns)).toBeLessThanOrEqual(Math.max(width, always));
      }),
    );
  });
});
