import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { type Adapter, at, Check, percent, ruleFor, smaller, sum, Text } from "./vector";

const Effect = z.object({
  type: z.enum(["order", "item_units"]),
  amount: Text.optional(),
  percent: z.string().optional(),
  condition_contains: z.string().optional(),
  scope_product: z.string().optional(),
  amount_each_unit: Text.optional(),
});
const Input = z.object({
  strategy: z.enum(["Order items based", "Order item units based"]),
  decimal_calculator: z.boolean(),
  tax_rates: z.array(z.object({ category: z.string(), rate_percent: Text, included_in_price: z.boolean() })),
  products: z.record(z.string(), z.object({ price: Text, tax_category: z.string().nullable() })),
  promotions: z.array(z.object({ effects: z.array(Effect) })),
  selected_shipping: z.null(),
  cart: z.record(z.string(), z.number()),
});
const Expected = z.object({
  total: Text,
  discount: Text.optional(),
  tax_added: Text.optional(),
  tax_included: Text.optional(),
});

type Item = { product: string; units: bigint[] };

/** Sylius: per item or per unit, as its tax strategy says; the decimal calculator sums a unit's taxes before it rounds. */
export const sylius: Adapter = ({ input, expected }) => {
  const given = Input.parse(input);
  const wanted = Expected.parse(expected);
  const items: Item[] = Object.entries(given.cart).map(([product, count]) => ({
    product,
    units: Array.from({ length: count }, () => at(given.products[product]?.price ?? 0)),
  }));
  const listed = sum(items.flatMap(({ units }) => units));
  for (const { effects } of given.promotions) for (const effect of effects) discount(items, effect);
  const level = given.strategy === "Order items based" || given.decimal_calculator ? "line" : "unit";
  const taxes = { added: 0n, included: 0n };
  for (const { product, units } of items) {
    const category = given.products[product]?.tax_category;
    const rate = given.tax_rates.find((one) => one.category === category);
    if (!rate) continue;
    const rule = ruleFor(rate.included_in_price);
    const bases = level === "line" ? [sum(units)] : units;
    const tax = sum(bases.map((base) => taxOf(base, percent(rate.rate_percent), rule)));
    taxes[rate.included_in_price ? "included" : "added"] += tax;
  }
  const goods = sum(items.flatMap(({ units }) => units));
  return new Check(`per ${level}, half up, discounts to the nearest cent, the rest to the first`)
    .is("total", goods + taxes.added, wanted.total)
    .is("discount", listed - goods, wanted.discount)
    .is("tax on top", taxes.added, wanted.tax_added)
    .is("tax inside", taxes.included, wanted.tax_included)
    .done();
};

function discount(items: readonly Item[], effect: z.infer<typeof Effect>): void {
  if (effect.type === "item_units") {
    for (const item of items.filter(({ product }) => product === effect.scope_product))
      item.units = item.units.map((unit) => unit - at(effect.amount_each_unit ?? 0));
    return;
  }
  const { condition_contains: needed } = effect;
  if (needed && !items.some(({ product }) => product === needed)) return;
  const totals = items.map(({ units }) => sum(units));
  const total = sum(totals);
  const asked = effect.percent
    ? divideRounded(total * BigInt(effect.percent), 100n, "half-up")
    : at(effect.amount ?? 0);
  const shares = allocateByWeight(smaller(asked, total), totals, "nearest-first");
  items.forEach((item, index) => {
    const each = allocateByWeight(
      shares[index] ?? 0n,
      item.units.map(() => 1n),
      "first-lines",
    );
    item.units = item.units.map((unit, place) => unit - (each[place] ?? 0n));
  });
}
