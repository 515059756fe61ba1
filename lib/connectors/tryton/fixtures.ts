/** A Tryton that answers from memory, over the wire format of a real one: for tests of the connector alone. */

export const decimal = (text: string) => ({ __class__: "Decimal", decimal: text });
export const day = (text: string) => {
  const [year, month, ofMonth] = text.split("-").map(Number);
  return { __class__: "date", year, month, day: ofMonth };
};
export const moment = (text: string, microsecond = 0) => {
  const at = new Date(text);
  return {
    __class__: "datetime",
    year: at.getUTCFullYear(),
    month: at.getUTCMonth() + 1,
    day: at.getUTCDate(),
    hour: at.getUTCHours(),
    minute: at.getUTCMinutes(),
    second: at.getUTCSeconds(),
    microsecond,
  };
};

/** An invoice of two lines at two rates, as Tryton 6.0 writes it. */
export const invoice = {
  id: 12,
  number: "RE2026-00012",
  state: "posted",
  reference: "SHOP-1001",
  invoice_date: day("2026-10-12"),
  accounting_date: null,
  "currency.": { id: 1, code: "EUR" },
  untaxed_amount: decimal("42.96"),
  tax_amount: decimal("7.04"),
  total_amount: decimal("50.00"),
  "invoice_address.": { id: 2, "country.": { id: 1, code: "DE" } },
  "move.": { id: 5, date: day("2026-10-12") },
  "cancel_move.": null,
  create_date: moment("2026-10-12T08:00:00Z"),
  write_date: moment("2026-10-12T08:00:01Z", 876_805),
};

export const line = (change: Readonly<Record<string, unknown>> = {}) => ({
  id: 31,
  invoice: 12,
  type: "line",
  sequence: null,
  "product.": { id: 1, code: "TEE-M", type: "goods" },
  "account.": { id: 9, code: "8400" },
  description: "T-shirt",
  quantity: 2,
  unit_price: decimal("16.8067"),
  amount: decimal("33.61"),
  taxes: [8],
  origin: null,
  create_date: moment("2026-10-12T08:00:00Z"),
  write_date: null,
  ...change,
});

export const tax = (change: Readonly<Record<string, unknown>> = {}) => ({
  id: 41,
  invoice: 12,
  tax: 20,
  base: decimal("33.61"),
  amount: decimal("6.39"),
  manual: 0,
  "account.": { id: 10, code: "1776" },
  description: "19% USt",
  ...change,
});

const code = (id: number, name: string, parent: number | null, rate: string | null) => ({
  id,
  name,
  parent,
  type: rate === null ? "none" : "percentage",
  rate: rate === null ? null : decimal(rate),
  "group.": { id: 2, kind: "sale" },
});

export const CODES = [
  code(8, "VAT standard", null, null),
  code(20, "19% VAT (from 2021)", 8, "0.19"),
  code(9, "VAT reduced", null, null),
  code(23, "7% VAT (from 2021)", 9, "0.07"),
];

export const book = line({
  id: 32,
  "product.": { id: 2, code: "BOOK-1", type: "goods" },
  description: "Lookbook",
  quantity: 1,
  unit_price: decimal("9.3458"),
  amount: decimal("9.35"),
  taxes: [9],
});
export const reducedTax = tax({ id: 42, tax: 23, base: decimal("9.35"), amount: decimal("0.65") });

export const document = {
  invoice,
  lines: [line(), book],
  taxes: [tax(), reducedTax],
  taxCodes: CODES,
  origins: [],
  sales: [],
};
