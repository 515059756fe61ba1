import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitOrder } from "./scayle/personal";

const order = {
  id: 7,
  customer: {
    id: 42,
    firstName: "Ada",
    email: "ada@example.com",
    groups: ["staff"],
    newField: "unknown to us",
  },
  address: {
    shipping: { countryCode: "DEU", street: "Hauptstraße", recipient: { lastName: "Byron" } },
    billing: { countryCode: "AUT", zipCode: "1010" },
  },
  contacts: [{ type: "mail", value: "ada@example.com" }],
  payment: [
    { key: "card", amount: 100, data: { CCBrand: "VISA" } },
    { key: "gift", amount: 5 },
  ],
  items: [{ id: 1, product: { name: "Blue shirt" }, legacyCustomData: { engraving: "For Ada" } }],
};

describe("splitting personal data off an order", () => {
  it("keeps what the books need and moves the rest, in the same places", () => {
    const { payload, personal } = splitOrder(order);
    expect(payload).toEqual({
      id: 7,
      customer: { id: 42, groups: ["staff"] },
      address: { shipping: { countryCode: "DEU" }, billing: { countryCode: "AUT" } },
      payment: [
        { key: "card", amount: 100 },
        { key: "gift", amount: 5 },
      ],
      items: [{ id: 1, product: { name: "Blue shirt" } }],
    });
    expect(personal?.customerKey).toBe("42");
    expect(personal?.data).toMatchObject({
      customer: { firstName: "Ada", newField: "unknown to us" },
      address: { shipping: { street: "Hauptstraße" } },
      payment: [{ data: { CCBrand: "VISA" } }, null],
    });
  });

  it("splits payloads of the wrong shape too", () => {
    expect(splitOrder({ id: 7, customer: "Ada Byron", address: ["Hauptstraße 1"] }).payload).toEqual({
      id: 7,
      address: [null],
    });
    expect(splitOrder("Ada Byron")).toEqual({ payload: "Ada Byron", personal: null });
    expect(splitOrder(null)).toEqual({ payload: null, personal: null });
  });

  it("gives a guest's data to the order, and says so when there is none", () => {
    expect(splitOrder({ id: 7, contacts: [{ value: "x" }] }).personal?.customerKey).toBe("order:7");
    expect(splitOrder({ id: 7 }).personal).toBeNull();
  });

  it("leaves no personal text behind, wherever it stands", () => {
    const name = fc.constantFrom("email", "firstName", "street", "phone", "iban", "legacyCustomData");
    const secret = fc.integer({ min: 1e9 }).map((n) => `secret-${n}`);
    const wrap = fc.array(fc.constantFrom("a", "items", "order", "nested"), { maxLength: 5 });
    fc.assert(
      fc.property(name, secret, wrap, (key, text, path) => {
        const leaf: unknown = { id: 1, [key]: text };
        const payload = path.reduce(
          (inner, part) => (part === "items" ? { items: [inner] } : { [part]: inner }),
          leaf,
        );
        const split = splitOrder(payload);
        expect(JSON.stringify(split.payload)).not.toContain(text);
        expect(JSON.stringify(split.personal)).toContain(text);
      }),
    );
  });
});
