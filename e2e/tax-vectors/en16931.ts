import { z } from "zod";
import { taxOf } from "@/lib/domain/tax/exact";
import { isSameRate } from "@/lib/domain/tax/rate";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { at, ON_TOP, percent, sum } from "./vector";

/** The numbers of an electronic invoice; whatever a document leaves out is null. */
const Maybe = z.string().nullable().default(null);
const Change = z.object({
  charge: z.boolean(),
  amount: Maybe,
  base: Maybe,
  percent: Maybe,
  vat_category: Maybe,
  vat_rate: Maybe,
});
const Line = z.object({
  quantity: Maybe,
  price: Maybe,
  price_base_quantity: Maybe,
  net: Maybe,
  vat_category: Maybe,
  vat_rate: Maybe,
  allowances_charges: z.array(Change),
});
const Subtotal = z.object({ taxable: Maybe, tax: Maybe, category: Maybe, rate: Maybe });
export const Invoice = z.object({
  currency: z.string(),
  lines: z.array(Line),
  allowances_charges: z.array(Change),
  tax_totals: z.array(z.object({ currency: Maybe, tax: Maybe, subtotals: z.array(Subtotal) })),
  totals: z.record(z.string(), z.string().nullable()),
});
export type Invoice = z.infer<typeof Invoice>;

/** Amounts at twelve decimals, so that no document's own are lost. */
const DECIMALS = 12;
const amount = (text: string | null | undefined): bigint => (text ? at(text, DECIMALS) : 0n);
const ONE = 10n ** 12n;
const CENT = ONE / 100n;
const distance = (a: bigint, b: bigint): bigint => (a < b ? b - a : a - b);

const lineNets = ({ lines }: Invoice) => sum(lines.map((line) => amount(line.net)));
const changes = ({ allowances_charges }: Invoice, charge: boolean) =>
  sum(allowances_charges.filter((one) => one.charge === charge).map((one) => amount(one.amount)));
const subtotals = ({ tax_totals }: Invoice) => tax_totals.flatMap((total) => total.subtotals);

/** VAT category tax = taxable × rate, half up to two decimals: the twin's tax on top of a net amount. */
function categoryTax({ taxable, rate }: z.infer<typeof Subtotal>): bigint {
  const cents = divideRounded(amount(taxable), CENT, "half-up");
  return taxOf(cents, percent(rate ?? 0), ON_TOP) * CENT;
}

/** What belongs to a VAT category (and rate): lines − allowances + charges. */
function categoryBase(
  invoice: Invoice,
  { category, rate }: z.infer<typeof Subtotal>,
  byRate: boolean,
): bigint {
  const isOf = (one: { vat_category: string | null; vat_rate: string | null }) =>
    one.vat_category === category && (!byRate || isSameRate(percent(one.vat_rate ?? 0), percent(rate ?? 0)));
  const lines = invoice.lines.filter(isOf).map((line) => amount(line.net));
  const rest = invoice.allowances_charges
    .filter(isOf)
    .map((one) => (one.charge ? amount(one.amount) : -amount(one.amount)));
  return sum([...lines, ...rest]);
}

const within = (a: bigint, b: bigint, cents: bigint): boolean => distance(a, b) <= cents * CENT;
/** The official rules of EN 16931 allow less than one unit of currency where they multiply by a rate. */
const nearlyOne = (a: bigint, b: bigint): boolean => distance(a, b) < ONE;

const allChanges = (invoice: Invoice) => [
  ...invoice.allowances_charges,
  ...invoice.lines.flatMap((line) => line.allowances_charges),
];

/** Quantity × price per base quantity, plus charges, minus allowances of the line. */
function linePrice(line: z.infer<typeof Line>): bigint {
  const base = line.price_base_quantity === null ? ONE : amount(line.price_base_quantity);
  if (base === 0n) return 0n;
  const rest = line.allowances_charges.map((one) => (one.charge ? amount(one.amount) : -amount(one.amount)));
  const quantity = line.quantity === null ? ONE : amount(line.quantity);
  const sign = base < 0n ? -1n : 1n;
  return divideRounded(quantity * amount(line.price) * sign, base * sign, "half-up") + sum(rest);
}

type Rule = (invoice: Invoice) => boolean;

const total =
  (name: string, made: (invoice: Invoice) => bigint): Rule =>
  (invoice) =>
    amount(invoice.totals[name]) === made(invoice);

/** Per VAT category; its letter in documents, and whether each rate of it stands alone. */
const CATEGORIES: Readonly<Record<string, Readonly<{ code: string; byRate: boolean }>>> = {
  S: { code: "S", byRate: true },
  AF: { code: "L", byRate: true },
  AG: { code: "M", byRate: true },
  Z: { code: "Z", byRate: false },
  E: { code: "E", byRate: false },
  AE: { code: "AE", byRate: false },
  IC: { code: "K", byRate: false },
  G: { code: "G", byRate: false },
  O: { code: "O", byRate: false },
};

const categoryRules = Object.entries(CATEGORIES).flatMap(([name, { code, byRate }]): [string, Rule][] => {
  const mine = (invoice: Invoice) => subtotals(invoice).filter((one) => one.category === code);
  return [
    [
      `BR-${name}-08`,
      (invoice) =>
        mine(invoice).every((one) => {
          const base = categoryBase(invoice, one, byRate);
          return byRate ? nearlyOne(amount(one.taxable), base) : amount(one.taxable) === base;
        }),
    ],
    [
      `BR-${name}-09`,
      (invoice) =>
        mine(invoice).every((one) =>
          byRate ? nearlyOne(amount(one.tax), categoryTax(one)) : amount(one.tax) === 0n,
        ),
    ],
  ];
});

/** The arithmetic rules of EN 16931 and Peppol BIS Billing 3, by their official names. */
export const RULES: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["BR-CO-10", total("LineExtensionAmount", lineNets)],
  ["BR-CO-11", total("AllowanceTotalAmount", (invoice) => changes(invoice, false))],
  ["BR-CO-12", total("ChargeTotalAmount", (invoice) => changes(invoice, true))],
  [
    "BR-CO-13",
    total(
      "TaxExclusiveAmount",
      ({ totals }) =>
        amount(totals["LineExtensionAmount"]) -
        amount(totals["AllowanceTotalAmount"]) +
        amount(totals["ChargeTotalAmount"]),
    ),
  ],
  [
    "BR-CO-14",
    ({ tax_totals }) =>
      tax_totals
        .filter((one) => one.subtotals.length > 0)
        .every((one) => amount(one.tax) === sum(one.subtotals.map(({ tax }) => amount(tax)))),
  ],
  [
    "BR-CO-15",
    ({ tax_totals, totals, currency }) => {
      const taxes = tax_totals.filter((one) => one.currency === currency);
      const withTax = amount(totals["TaxExclusiveAmount"]) + amount(taxes[0]?.tax);
      return taxes.length === 1 && amount(totals["TaxInclusiveAmount"]) === withTax;
    },
  ],
  [
    "BR-CO-16",
    total(
      "PayableAmount",
      ({ totals }) =>
        amount(totals["TaxInclusiveAmount"]) -
        amount(totals["PrepaidAmount"]) +
        amount(totals["PayableRoundingAmount"]),
    ),
  ],
  ["BR-CO-17", (invoice) => subtotals(invoice).every((one) => nearlyOne(amount(one.tax), categoryTax(one)))],
  ["BR-CO-17 exactly", (invoice) => subtotals(invoice).every((one) => amount(one.tax) === categoryTax(one))],
  [
    "bases of categories",
    (invoice) =>
      subtotals(invoice).every((one) => nearlyOne(amount(one.taxable), categoryBase(invoice, one, true))),
  ],
  [
    "bases of categories exactly",
    (invoice) => subtotals(invoice).every((one) => amount(one.taxable) === categoryBase(invoice, one, true)),
  ],
  ...categoryRules,
  [
    "PEPPOL-EN16931-R040",
    (invoice) =>
      allChanges(invoice)
        .filter((one) => one.base !== null && one.percent !== null)
        .every((one) => {
          const rate = percent(one.percent ?? 0);
          return within(amount(one.amount), divideRounded(amount(one.base) * rate.n, rate.d, "half-up"), 2n);
        }),
  ],
  [
    "PEPPOL-EN16931-R041",
    (invoice) => allChanges(invoice).every((one) => one.percent === null || one.base !== null),
  ],
  [
    "PEPPOL-EN16931-R042",
    (invoice) => allChanges(invoice).every((one) => one.base === null || one.percent !== null),
  ],
  [
    "PEPPOL-EN16931-R053",
    ({ tax_totals }) => tax_totals.filter((one) => one.subtotals.length > 0).length === 1,
  ],
  [
    "PEPPOL-EN16931-R055",
    ({ tax_totals, currency }) => {
      const own = amount(tax_totals.find((one) => one.currency === currency)?.tax);
      const others = tax_totals.filter((one) => one.currency !== currency).map((one) => amount(one.tax));
      return others.every((other) => (own <= 0n && other <= 0n) || (own >= 0n && other >= 0n));
    },
  ],
  [
    "PEPPOL-EN16931-R120",
    ({ lines }) => lines.every((line) => within(amount(line.net), linePrice(line), 2n)),
  ],
  [
    "PEPPOL-EN16931-R121",
    ({ lines }) =>
      lines.every((line) => line.price_base_quantity === null || amount(line.price_base_quantity) > 0n),
  ],
]);

const NOT_IN_RECORD = "reads a field that the records don't carry";
/** Official unit tests that are not arithmetic on the numbers of a record, and why. */
export const OUT_OF_SCOPE: ReadonlyMap<string, string> = new Map([
  ["PEPPOL-EN16931-R043", `${NOT_IN_RECORD}: the text of a charge indicator`],
  ["PEPPOL-EN16931-R044", `${NOT_IN_RECORD}: charges within a price`],
  ["PEPPOL-EN16931-R046", `${NOT_IN_RECORD}: a price's own base amount and allowance`],
  ["PEPPOL-EN16931-R051", `${NOT_IN_RECORD}: the currency of each single amount`],
  ["PEPPOL-EN16931-R054", `${NOT_IN_RECORD}: the tax currency`],
  ["PEPPOL-EN16931-R101", `${NOT_IN_RECORD}: the type of a line's document reference`],
  ["PEPPOL-EN16931-R110", `${NOT_IN_RECORD}: the periods of lines and invoice`],
  ["PEPPOL-EN16931-R130", `${NOT_IN_RECORD}: units of measure`],
]);
