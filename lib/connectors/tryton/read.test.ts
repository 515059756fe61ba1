import { describe, expect, it } from "vitest";
import type { BookDocument } from "@/lib/domain/document";
import { book, CODES, day, decimal, document, invoice, line, moment, reducedTax, tax } from "./fixtures";
import { type RawDocument, readDocuments } from "./read";

const documentIn = (raw: RawDocument): BookDocument => {
  const result = readDocuments(raw)[0]?.result;
  if (!result?.ok) throw new Error(result?.reason ?? "nothing was read");
  return result.value;
};

const reasonOf = (raw: RawDocument): string => {
  const result = readDocuments(raw)[0]?.result;
  return result?.ok === false ? result.reason : "";
};

describe("an invoice of Tryton's", () => {
  it("is a sale with net prices, the parent's name as its tax code, and the taxes of the document on its lines", () => {
    const sale = documentIn(document);
    expect(sale).toMatchObject({
      kind: "sale",
      sourceId: "12",
      number: "RE2026-00012",
      reference: "SHOP-1001",
      originalNumber: null,
      status: "posted",
      posted: true,
      currency: "EUR",
      shipTo: "DE",
      postingDay: "2026-10-12",
      modifiedAt: new Date("2026-10-12T08:00:01.876Z"),
      pricesIncludeTax: false,
      stated: { net: 4296n, tax: 704n, gross: 5000n },
    });
    expect(sale.lines).toMatchObject([
      {
        sku: "TEE-M",
        quantity: "2",
        unitPrice: "16.8067",
        net: 3361n,
        tax: 639n,
        gross: 4000n,
        taxCode: "VAT standard",
        taxRate: "0.19",
        taxAllocated: true,
        taxedOnPrice: true,
      },
      { sku: "BOOK-1", net: 935n, tax: 65n, gross: 1000n, taxCode: "VAT reduced", taxRate: "0.07" },
    ]);
  });

  it("gives the cents of a tax to the lines that lose most, so that they sum to it", () => {
    const third = (id: number) =>
      line({ id, quantity: 1, unit_price: decimal("0.33"), amount: decimal("0.33") });
    const { lines } = documentIn({
      ...document,
      lines: [third(1), third(2), third(3)],
      taxes: [tax({ base: decimal("0.99"), amount: decimal("0.19") })],
    });
    expect(lines.map((one) => one.tax)).toEqual([7n, 6n, 6n]);
  });

  it("is a credit with negative quantities and amounts where it comes to less than nothing", () => {
    const credit = documentIn({
      ...document,
      invoice: {
        ...invoice,
        number: "GS2026-00001",
        reference: null,
        untaxed_amount: decimal("-16.81"),
        tax_amount: decimal("-3.19"),
        total_amount: decimal("-20.00"),
      },
      lines: [line({ quantity: "-1", amount: decimal("-16.81"), origin: "account.invoice.line,31" })],
      taxes: [tax({ base: decimal("-16.81"), amount: decimal("-3.19") })],
      origins: [{ id: 31, "invoice.": { id: 12, number: "RE2026-00012", reference: "SHOP-1001" } }],
    });
    expect(credit).toMatchObject({ kind: "credit", reference: null, originalNumber: "RE2026-00012" });
    expect(credit.lines).toMatchObject([{ quantity: "-1", net: -1681n, tax: -319n, gross: -2000n }]);
  });

  it("has the reference of the sale that it was made from, unless it was made from several", () => {
    const sale = (id: number, reference: string) => ({ id, "sale.": { id, reference, number: "1" } });
    const bare = { ...document, invoice: { ...invoice, reference: null } };
    expect(documentIn({ ...bare, sales: [sale(1, "SHOP-7"), sale(2, "SHOP-7")] }).reference).toBe("SHOP-7");
    expect(documentIn({ ...bare, sales: [sale(1, "SHOP-7"), sale(2, "SHOP-8")] }).reference).toBeNull();
    expect(documentIn(bare).reference).toBeNull();
  });

  it("takes services and lines without a product as charges, and leaves comments out", () => {
    const { lines } = documentIn({
      ...document,
      lines: [
        line({ "product.": { id: 3, code: "SHIP", type: "service" } }),
        { ...book, "product.": null },
        line({ id: 33, type: "comment", amount: null, quantity: null, unit_price: null, taxes: [] }),
      ],
    });
    expect(lines).toMatchObject([
      { kind: "fee", sku: null, account: "SHIP" },
      { kind: "fee", sku: null, account: "8400" },
    ]);
  });

  it("knows no code and no rate on a line without taxes, and marks nothing there", () => {
    const { lines } = documentIn({ ...document, lines: [line({ taxes: [] }), book], taxes: [reducedTax] });
    expect(lines[0]).toMatchObject({ tax: 0n, gross: 3361n, taxCode: null, taxRate: null });
    expect(lines[0]).not.toHaveProperty("taxAllocated");
  });

  it("keeps a tax that no line carries as a line of its own", () => {
    const sale = documentIn({
      ...document,
      taxes: [tax(), reducedTax, tax({ id: 43, tax: null, amount: decimal("0.02"), manual: 1 })],
    });
    expect(sale.lines.at(-1)).toMatchObject({ sourceLineId: "tax-43", kind: "header", net: 0n, tax: 2n });
  });

  it("is a draft with a name of its own while it has no number", () => {
    const draft = documentIn({
      ...document,
      invoice: {
        ...invoice,
        number: null,
        state: "draft",
        invoice_date: null,
        "move.": null,
        write_date: null,
      },
      lines: [line({ write_date: moment("2026-10-13T09:00:00Z") })],
    });
    expect(draft).toMatchObject({ number: "draft 12", posted: false, postingDay: null });
    expect(draft.lines[0]?.day).toBe("2026-10-12");
    expect(draft.modifiedAt).toEqual(new Date("2026-10-13T09:00:00Z"));
  });
});

describe("a cancelled invoice", () => {
  const cancelled = (taken: string | null) => ({
    ...document,
    invoice: {
      ...invoice,
      state: "cancelled",
      "move.": taken === null ? null : invoice["move."],
      "cancel_move.": taken === null ? null : { id: 6, date: day(taken) },
    },
  });

  it("never was in the books where it was taken back in its month, or never posted", () => {
    expect(readDocuments(cancelled("2026-10-30"))).toHaveLength(1);
    expect(documentIn(cancelled("2026-10-12"))).toMatchObject({ posted: false, status: "cancelled" });
    expect(documentIn(cancelled(null))).toMatchObject({ posted: false });
  });

  it("stands, and is taken back in a later month by a document of its own", () => {
    const [own, back] = readDocuments(cancelled("2026-11-02"));
    expect(own?.result).toMatchObject({ value: { kind: "sale", posted: true, postingDay: "2026-10-12" } });
    expect(back).toMatchObject({
      sourceId: "12-cancellation",
      controls: [{ kind: "credit", day: "2026-11-02", sums: { lines: 2, gross: -5000n } }],
      result: {
        value: {
          kind: "credit",
          originalNumber: "RE2026-00012",
          postingDay: "2026-11-02",
          stated: { gross: -5000n },
        },
      },
    });
  });
});

describe("a payload", () => {
  it("says in figures what its translation says", () => {
    const [reading] = readDocuments(document);
    expect(reading?.controls).toMatchObject([
      {
        kind: "sale",
        day: "2026-10-12",
        unreadable: 0,
        sums: { lines: 2, net: 4296n, tax: 704n, gross: 5000n },
      },
    ]);
    expect(reading?.personal).toBeNull();
    expect(reading?.payload).toMatchObject({ invoice, taxCodes: CODES });
  });

  it("that can't be read says where and why, and keeps its name", () => {
    const { total_amount: _, ...untotalled } = invoice;
    const [reading] = readDocuments({ ...document, invoice: untotalled });
    expect(reading).toMatchObject({ sourceId: "12", reference: "RE2026-00012" });
    expect(reasonOf({ ...document, invoice: untotalled })).toMatch(/^invoice\.total_amount: .*found nothing/);
    expect(reasonOf({ ...document, lines: [line({ amount: 33.61 })] })).toMatch(/^lines\[0\]\.amount: /);
    expect(reasonOf({ ...document, lines: [line({ amount: decimal("33.615") })] })).toMatch(/decimals/);
  });
});
