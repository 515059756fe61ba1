import { describe, expect, it } from "vitest";
import { slicesOf, WHOLE } from "./scope";

describe("slices", () => {
  it("are one where all groups fit into it", () => {
    expect(slicesOf(0, 10)).toEqual([WHOLE]);
    expect(slicesOf(10, 10)).toEqual([WHOLE]);
  });

  it.each([11, 95, 1_000_003])("of %i groups cover every key once", (groups) => {
    const slices = slicesOf(groups, 10_000 < groups ? 10_000 : 10);
    const asNumber = (key: string) => BigInt(`0x${key.replaceAll("-", "")}`);
    expect(slices[0]?.from).toBe(WHOLE.from);
    expect(slices.at(-1)?.to).toBe(WHOLE.to);
    slices.slice(1).forEach((slice, index) => {
      expect(asNumber(slice.from)).toBe(asNumber(slices[index]?.to ?? "0") + 1n);
    });
  });
});
