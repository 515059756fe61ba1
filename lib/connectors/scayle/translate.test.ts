import { describe, expect, it } from "vitest";
import { readInvoices, readOrder } from "./read";

const item = {
  id: 11,
  status: "delivered",
  packageId: 45,
  price: { withTax: 1190, withoutTax: 1000, tax: { vat: { amount: 190, rate: "0.19" } } },
  product: { name: "Blue shirt" },
  variant: { id: 7, referenceKey: "SKU-7" },
  shippedAt: "2026-10-31T23:30:15+01:00",
};
const order = {
  id: 901,
  referenceKey: "R-901",
  publicKey: "666",
  currencyCode: "EUR",
  status: "invoice_completed",
  detailedStatus: {
    order: { code: "order_invoiced", name: "x" },
    shipping: null,
    billing: { code: "billing_completed" },
  },
  shopCountry: { shopKey: "MS", countryCode: "DE" },
  address: { shipping: { countryCode: "AUT" } },
  items: [item],
  cost: { withTax: 1390, withoutTax: 1168, appliedFees: [] },
  updatedAt: "2026-11-01T08:00:00+00:00",
};

function translated(payload: object) {
  const { result } = readOrder(payload, "ms/de");
  if (!result.ok) throw new Error(result.reason);
  return result.value;
}

function reasonOf(payload: object): string {
  const { result } = readOrder(payload, "ms/de");
  return result.ok ? "it was read" : result.reason;
}

const withPrice = (price: object) => translated({ ...order, items: [{ ...item, price }] }).items[0];
const withFee = (fee: object) => translated({ ...order, cost: { withTax: 1, appliedFees: [fee] } }).fees;

describe("an order", () => {
  it("is told in our words", () => {
    expect(translated(order)).toMatchObject({
      id: "901",
      reference: "R-901",
      aliases: ["901", "R-901", "666"],
      shop: "ms/de",
      channelType: "shop",
      shipTo: "AT",
      orderStatus: "order_invoiced",
      shippingStatus: null,
      cost: { net: 1168n, tax: 222n, gross: 1390n, externalPrices: false },
      items: [
        { id: "11", sku: "SKU-7", packageId: "45", net: 1000n, tax: 190n, gross: 1190n, taxRate: "0.19" },
      ],
      updatedAt: new Date("2026-11-01T08:00:00Z"),
    });
  });

  it("without reference goes by its public key, then by its id", () => {
    const { referenceKey: _, ...unnamed } = order;
    expect(translated(unnamed).reference).toBe("666");
    const { publicKey: __, ...nameless } = unnamed;
    expect(translated(nameless)).toMatchObject({ reference: "901", aliases: ["901"] });
  });

  it("ships to the shop's country where the address says none", () => {
    expect(translated({ ...order, address: null }).shipTo).toBe("DE");
  });

  it("of a marketplace or a store says so by its channel", () => {
    const channel = { key: "marketplace_zalando_de", type: "marketplace" };
    expect(translated({ ...order, channel })).toMatchObject({
      channel: channel.key,
      channelType: "marketplace",
    });
    expect(translated({ ...order, channel: { key: "s", type: "in_store" } }).channelType).toBe("in_store");
  });

  it("has times with an offset, and takes those without one as UTC", () => {
    expect(translated(order).items[0]?.shippedAt).toEqual(new Date("2026-10-31T22:30:15Z"));
    expect(translated({ ...order, invoicedAt: "2021-11-09 07:30:27" }).invoicedAt).toEqual(
      new Date("2021-11-09T07:30:27Z"),
    );
  });

  it("takes the old single voucher along with the list", () => {
    const { vouchers } = translated({
      ...order,
      voucher: { code: "OLD", type: "absolute", value: 500 },
      vouchers: [{ code: "NEW", type: "relative", value: 10 }],
    });
    expect(vouchers.map((one) => one.code)).toEqual(["OLD", "NEW"]);
  });
});

describe("an item's amounts", () => {
  it("are the reduced ones where an absolute voucher sits on it, in either spelling", () => {
    for (const spelling of ["withOutTax", "withoutTax"])
      expect(
        withPrice({ ...item.price, absoluteVoucherReducedPrice: { withTax: 595, [spelling]: 500 } }),
      ).toMatchObject({ net: 500n, tax: 95n, gross: 595n, taxRate: "0.19" });
  });

  it("go by SCAYLE's whole net where its tax says something else", () => {
    const price = { withTax: 1190, withoutTax: 1001, tax: { vat: { amount: "189.7", rate: "0.19" } } };
    expect(withPrice(price)).toMatchObject({ net: 1001n, tax: 189n });
  });

  it("take the tax where net is missing and it is whole", () => {
    expect(withPrice({ withTax: 1190, tax: { vat: { amount: "190.0" } } })).toMatchObject({
      net: 1000n,
      tax: 190n,
    });
  });

  it("stay unknown, not zero, where neither is given", () => {
    const unknown = { net: null, tax: null, gross: 1190n };
    expect(withPrice({ withTax: 1190 })).toMatchObject({ ...unknown, taxRate: null });
    expect(withPrice({ withTax: 1190, tax: { vat: { amount: "190.4", rate: "0.19" } } })).toMatchObject(
      unknown,
    );
  });

  it("belong to the variant's id where it has no SKU", () => {
    expect(translated({ ...order, items: [{ ...item, variant: { id: 7 } }] }).items[0]?.sku).toBe("7");
  });
});

describe("a fee", () => {
  it("has its tax from the fee when its net is missing", () => {
    const fee = {
      amount: { withTax: 200 },
      category: "delivery",
      key: "dhl",
      tax: { vat: { amount: 32, rate: "0.190" } },
    };
    expect(withFee(fee)).toEqual([
      {
        key: "dhl",
        category: "delivery",
        net: 168n,
        tax: 32n,
        gross: 200n,
        taxRate: "0.19",
        refundTriggered: null,
      },
    ]);
  });

  it("without an amount is left to the order's cost", () => {
    expect(withFee({ key: "dhl" })).toEqual([]);
  });
});

describe("an order that can't be read", () => {
  it.each([
    ["value", { ...order, items: [{ ...item, price: { withTax: "12.9x" } }] }],
    ["value", { ...order, currencyCode: "euro" }],
    ["duplicate", { ...order, items: [item, item] }],
    ["missing-reference", { ...order, items: [{ ...item, variant: {} }] }],
    ["schema", { ...order, id: undefined }],
    ["schema", []],
  ])("says what sort of fault it is: %s", (errorClass, payload) => {
    expect(readOrder(payload, "ms/de").result).toMatchObject({ ok: false, errorClass });
  });

  it("says where, what was expected and what was found", () => {
    expect(reasonOf({ ...order, items: [{ ...item, price: { withTax: "12.9x" } }] })).toBe(
      'items[0].price.withTax: expected a whole number of minor units, found "12.9x"',
    );
    expect(reasonOf({ ...order, items: [item, { ...item, price: { withTax: "12.9" } }] })).toContain(
      "items[1].price.withTax",
    );
    expect(reasonOf({ ...order, updatedAt: "2026-02-31T00:00:00+00:00" })).toContain("updatedAt");
    expect(reasonOf({ ...order, currencyCode: "euro" })).toContain("currencyCode");
    expect(reasonOf({ ...order, items: [item, item] })).toBe("items: item 11 is there twice");
    expect(reasonOf({ ...order, items: [{ ...item, variant: {} }] })).toContain("items[0].variant");
    const { id: _, ...anonymous } = order;
    expect(reasonOf(anonymous)).toBe("id: expected a text or a whole number, found nothing");
    expect(reasonOf([])).toContain("the record");
  });

  it("keeps its labels as far as they can be read, so that people find it", () => {
    const { sourceId, reference, modifiedAt } = readOrder({ ...order, items: "none" }, "ms/de");
    expect({ sourceId, reference }).toEqual({ sourceId: "901", reference: "R-901" });
    expect(modifiedAt).toEqual(new Date("2026-11-01T08:00:00Z"));
  });
});

describe("an invoice list", () => {
  it("keeps full numbers and types", () => {
    const entities = [
      { id: 1, type: "corrective_invoice", invoice: { number: 5, fullNumber: "ay-5" }, createdAt: null },
    ];
    expect(readInvoices("901", entities).result).toEqual({
      ok: true,
      value: [{ id: "1", type: "corrective_invoice", number: "ay-5", createdAt: null }],
    });
  });

  it("fails whole when one entry can't be read, since it may be the credit note", () => {
    const { result } = readInvoices("901", [{ id: 1, type: "invoice" }, { id: 2 }]);
    expect(result).toEqual({
      ok: false,
      reason: "entities[1].type: expected a text or a whole number, found nothing",
      errorClass: expect.any(String),
    });
  });
});
