import { expect, it } from "vitest";
import { fixOf } from "./fix";

it("is computed ahead for the books alone: what stands beside them is said with each push", () => {
  for (const cause of ["status-drift", "stock-drift"]) {
    const fix = fixOf(cause, "", "Push it.");
    expect(fix.computable).toBe(false);
    expect(fix.whyNot).toMatch(/expected to change.*before it is sent; what is read back decides/);
  }
  expect(fixOf("sale-missing-in-erp", "", "Post it.")).toMatchObject({ computable: true, whyNot: null });
  expect(fixOf("record-failed", "", "Correct it.").whyNot).toMatch(/can't be computed ahead/);
});
