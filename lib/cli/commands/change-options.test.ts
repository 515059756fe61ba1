import { InvalidArgumentError } from "commander";
import { describe, expect, it } from "vitest";
import { account, item, noneCodes, postingLag, rounding, taxCode } from "./change-options";

describe("a change on the command line", () => {
  it("names a country, a channel, a rate and a code that is right there, or no longer", () => {
    const rule = { kind: "tax-code", shipTo: "DE", channel: "*", rate: "0.19", taxCode: "VAT19" };
    expect(taxCode(true)("DE * 0.19 VAT19")).toEqual({ ...rule, right: true });
    expect(taxCode(true)("  de  *  19%  VAT19 ")).toEqual({ ...rule, right: true });
    expect(taxCode(false)("DE * 0.190 VAT19")).toEqual({ ...rule, right: false });
    expect(taxCode(true)("DE marketplace 0 EU FREE")).toMatchObject({
      channel: "marketplace",
      rate: "0",
      taxCode: "EU FREE",
    });
  });

  it("says how a connection rounds, whatever its name contains", () => {
    expect(rounding("Books = 2=document/half-up/gross/tax")).toEqual({
      kind: "rounding",
      connection: "Books = 2",
      draft: { level: "document", mode: "half-up", basis: "gross", first: "tax" },
    });
  });

  it("lists codes that mean none; an empty list is one", () => {
    expect(noneCodes("A, B,")).toEqual({ kind: "none-tax-codes", taxCodes: ["A", "B"] });
    expect(noneCodes("")).toEqual({ kind: "none-tax-codes", taxCodes: [] });
  });

  it("gives hours", () => {
    expect(postingLag("48")).toEqual({ kind: "posting-lag", hours: 48 });
  });

  it("maps items, with a variant or without, and accounts", () => {
    const mapped = { kind: "item", erpKind: "item", erpItem: "1896-S", lineKind: "item", sku: "SKU-1" };
    expect(item("1896-S=SKU-1")).toEqual({ ...mapped, erpVariant: "" });
    expect(item("1896-S/BLUE/L=SKU-1")).toEqual({ ...mapped, erpVariant: "BLUE/L" });
    expect(account("8400=gift card")).toEqual({
      kind: "item",
      erpKind: "account",
      erpItem: "8400",
      erpVariant: "",
      lineKind: "gift_card",
      sku: null,
    });
  });

  it.each([
    [taxCode(true), "DE 0.19 VAT19"],
    [taxCode(true), "DE web 0.19 VAT19"],
    [taxCode(true), "DE * 0.19"],
    [taxCode(true), "Germany * 0.19 VAT19"],
    [taxCode(true), "DE * 119% VAT19"],
    [taxCode(true), "DE * nineteen VAT19"],
    [rounding, "document/half-up/gross/tax"],
    [rounding, "BC=document/half-up/gross"],
    [rounding, "BC=sheet/half-up/gross/tax"],
    [rounding, "BC=document/half-up/gross/tax/tax"],
    [noneCodes, "x".repeat(41)],
    [postingLag, "two"],
    [postingLag, "1.5"],
    [postingLag, "-1"],
    [postingLag, ""],
    [item, "1896-S"],
    [item, "=SKU-1"],
    [item, "1896-S="],
    [account, "8400=goods"],
    [account, "8400"],
  ])("is refused with words where it can't be read: %#", (read, text) => {
    let refusal: unknown;
    try {
      read(text);
    } catch (error) {
      refusal = error;
    }
    expect(refusal).toBeInstanceOf(InvalidArgumentError);
    expect((refusal as InvalidArgumentError).message).toMatch(/[a-z]{3,}.*\.$/);
  });
});
