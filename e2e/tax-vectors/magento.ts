import { Decimal } from "decimal.js";
import { z } from "zod";
import { allocate } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { exactTax, lineTax, type RoundingPolicy } from "@/lib/domain/tax/policy";
import { type Adapter, at, Check, percent, policyAt, ruleFor, sum, Text } from "./vector";

const Input = z.object({
  prices_include_tax: z.boolean(),
  algorithm: z.string().optional(),
  tax_rate: Text,
  items: z.array(z.object({ sku: z.string(), price: Text, qty: z.number() })),
  shipping: Text.optional(),
  shipping_tax_rate: Text.optional(),
  discount_percent: z.string().optional(),
  tax_after_discount: z.boolean().optional(),
});
const Expected = z.object({
  subtotal: Text,
  subtotal_incl_tax: Text.optional(),
  tax: Text,
  grand_total: Text,
  shipping_tax: Text.optional(),
  discount: Text.optional(),
  items: z.record(z.string(), z.object({ row_total: Text.optional(), tax: Text })).optional(),
  _note: z.string().optional(),
});

// Magento's "calculate based on": the unit price, the row total, or the total.
const LEVELS: Readonly<Record<string, RoundingPolicy["level"]>> = {
  unit: "unit",
  row: "line",
  total: "document",
  "total (default)": "document",
};

export const magento: Adapter = ({ input, expected }) => {
  const given = Input.parse(input);
  const wanted = Expected.parse(expected);
  if (wanted._note?.includes("half-cent"))
    return {
      outOfScope: "half-cent amounts in the totals (a known defect of Magento's): no figure in whole cents",
    };
  const level = LEVELS[given.algorithm ?? "total"];
  if (!level) throw new Error(`Unknown algorithm ${given.algorithm}`);
  const policy = policyAt(level, ruleFor(given.prices_include_tax));
  const rate = percent(given.tax_rate);
  const rows = given.items.map(({ price, qty }) => ({ base: at(price) * BigInt(qty), qty }));
  const listed = sum(rows.map(({ base }) => base));
  const discount = given.discount_percent ? (listed * BigInt(given.discount_percent)) / 100n : 0n;
  const taxed = given.tax_after_discount ? listed - discount : listed;
  const taxes =
    level === "document"
      ? // The rounded total is given out row by row, each rounding carried to the next.
        allocate(
          taxOf(taxed, rate, policy),
          rows.map(({ base }) =>
            exactTax(
              given.tax_after_discount ? base - discount : base,
              new Decimal(given.tax_rate).div(100),
              policy.basis,
            ),
          ),
        )
      : rows.map(({ base, qty }) => lineTax(base, rate, qty, policy));
  const shipping = given.shipping ? at(given.shipping) : 0n;
  const shippingTax = given.shipping ? taxOf(shipping, percent(given.shipping_tax_rate ?? 0), policy) : 0n;
  const tax = sum(taxes) + shippingTax;
  const net = given.prices_include_tax ? listed - sum(taxes) : listed;
  const withTax = given.prices_include_tax ? listed : listed + taxOf(listed, rate, policy);
  const check = new Check(`per ${level}, half up, from ${policy.basis} prices`)
    .is("subtotal", net, wanted.subtotal)
    .is("tax", tax, wanted.tax)
    .is("shipping tax", shippingTax, wanted.shipping_tax)
    .is("discount", -discount, wanted.discount)
    .is("total", net + tax + shipping - discount, wanted.grand_total);
  if (level === "document") check.is("with tax", withTax, wanted.subtotal_incl_tax);
  given.items.forEach(({ sku }, index) => {
    const item = wanted.items?.[sku];
    const base = rows[index]?.base ?? 0n;
    check.is(`tax of ${sku}`, taxes[index] ?? 0n, item?.tax);
    check.is(`row of ${sku}`, given.prices_include_tax ? base - (taxes[index] ?? 0n) : base, item?.row_total);
  });
  return check.done();
};
