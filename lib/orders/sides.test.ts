import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sidesOf } from "./sides";

const line = (change: Partial<Parameters<typeof sidesOf>[0][number]> = {}) => ({
  id: "1",
  pairId: null,
  side: "scayle" as const,
  documentKind: "sale" as const,
  kind: "item",
  sku: "TEE",
  itemKey: "TEE",
  description: null,
  quantity: "1",
  net: 840n,
  tax: 159n,
  gross: 999n,
  taxCode: null,
  currency: "EUR",
  inBooks: true,
  ...change,
});

describe("the lines of both sides beside each other", () => {
  it("puts two units of SCAYLE beside one ERP line of quantity two", () => {
    const rows = sidesOf(
      [
        line({ pairId: "p" }),
        line({ pairId: "p" }),
        line({
          pairId: "p",
          side: "erp",
          quantity: "2",
          net: 1681n,
          tax: 318n,
          gross: 1999n,
          taxCode: "V19",
        }),
      ],
      new Map([["p", "open"]]),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      difference: -1n,
      bucket: "open",
      scayle: { quantity: "2", gross: 1998n },
      erp: { taxCodes: ["V19"] },
    });
  });

  it("names both items where one stands for the other, and says what differs in tax alone", () => {
    const [row] = sidesOf(
      [
        line({ pairId: "p", description: "Tee" }),
        line({
          pairId: "p",
          side: "erp",
          sku: "CAP",
          itemKey: "CAP",
          description: "Cap",
          net: 839n,
          tax: 160n,
        }),
      ],
      new Map([["p", "open"]]),
    );
    expect(row).toMatchObject({
      label: "Tee ↔ Cap",
      sku: "TEE ↔ CAP",
      difference: 0n,
      taxDifference: -1n,
    });
  });

  it("keeps a draft apart from what is booked", () => {
    const rows = sidesOf([line(), line({ side: "erp", inBooks: false })], new Map());
    expect(rows.map((row) => [row.inBooks, row.erp === null])).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it("does not take an unknown tax for none", () => {
    const [row] = sidesOf([line({ tax: null, net: null }), line()], new Map());
    expect(row?.scayle).toMatchObject({ net: null, tax: null, gross: 1998n });
  });

  it("loses no line and counts none twice", () => {
    const anyLine = fc
      .record({
        pairId: fc.option(fc.constantFrom("p", "q")),
        side: fc.constantFrom("scayle" as const, "erp" as const),
        itemKey: fc.constantFrom("TEE", "CAP"),
        gross: fc.bigInt({ min: -500n, max: 500n }),
        inBooks: fc.boolean(),
      })
      .map((change) => line(change));
    fc.assert(
      fc.property(fc.array(anyLine), (lines) => {
        const rows = sidesOf(lines, new Map());
        const signed = (one: { side: string; gross: bigint }) =>
          one.side === "scayle" ? one.gross : -one.gross;
        expect(rows.reduce((sum, row) => sum + row.difference, 0n)).toBe(
          lines.reduce((sum, one) => sum + signed(one), 0n),
        );
        const count = rows.reduce((sum, row) => sum + (row.scayle?.lines ?? 0) + (row.erp?.lines ?? 0), 0);
        expect(count).toBe(lines.length);
      }),
    );
  });
});
