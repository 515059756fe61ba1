import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { type Adapter, Check, NET_FIRST, ON_TOP, percent, sum } from "./vector";

const Charge = z.object({ tax_rate: z.number(), includes_tax: z.boolean().default(false) });
const Promotion = z.object({
  type: z.enum(["item_percent", "order_percent", "order_amount", "order_fixed_price"]),
  percent: z.number().optional(),
  amount: z.number().optional(),
  price: z.number().optional(),
  only_list_price: z.number().optional(),
});
const Input = z.object({
  prices_include_tax: z.boolean(),
  lines: z.array(z.object({ list_price_minor: z.number(), tax_rate: z.number(), qty: z.number() })),
  shipping: Charge.extend({ price: z.number() }).optional(),
  promotions: z.array(Promotion).default([]),
  surcharges: z.array(Charge.extend({ amount: z.number() })).default([]),
});
const Expected = z.record(z.string(), z.union([z.number(), z.array(z.number())]));
const Price = z.number().optional();

type Line = Readonly<{ price: bigint; rate: number; included: boolean }>;

const figures = ({ price, rate, included }: Line) => {
  const tax = taxOf(price, percent(rate), included ? NET_FIRST : ON_TOP);
  return included ? { net: price - tax, gross: price } : { net: price, gross: price + tax };
};

/** Vendure: each line's discounted price, then its net or its gross rounded half up; order discounts by the lines' value with tax. */
export const vendure: Adapter = ({ input, expected }) => {
  const given = Input.parse(input);
  const wanted = Expected.parse(expected);
  const price = (name: string) => Price.parse(wanted[name]);
  const included = given.prices_include_tax;
  let lines: Line[] = given.lines.map(({ list_price_minor, tax_rate, qty }) => ({
    price: unitPrice(list_price_minor, given.promotions) * BigInt(qty),
    rate: tax_rate,
    included,
  }));
  for (const promotion of given.promotions) lines = discounted(lines, promotion);
  const goods = [
    ...lines,
    ...given.surcharges.map((one) => ({
      price: BigInt(one.amount),
      rate: one.tax_rate,
      included: one.includes_tax,
    })),
  ].map(figures);
  const { shipping } = given;
  const fee =
    shipping &&
    figures({ price: BigInt(shipping.price), rate: shipping.tax_rate, included: shipping.includes_tax });
  const gross = sum(goods.map((one) => one.gross));
  const check = new Check(`per line, half up, from ${included ? "gross prices, net first" : "net prices"}`)
    .is("net", sum(goods.map((one) => one.net)), price("subtotal"), 0)
    .is("gross", gross, price("subtotal_with_tax"), 0)
    .is("total", gross + (fee?.gross ?? 0n), price("total_with_tax"), 0)
    .is("shipping net", fee?.net ?? 0n, price("shipping"), 0)
    .is("shipping gross", fee?.gross ?? 0n, price("shipping_with_tax"), 0);
  const prorated = z.array(z.number()).optional().parse(wanted["prorated_lines_with_tax"]);
  if (prorated)
    check.are(
      "line",
      lines.map((line) => figures(line).gross),
      prorated,
    );
  return check.done();
};

/** A percentage off each unit: the unit's price is rounded. */
function unitPrice(list: number, promotions: readonly z.infer<typeof Promotion>[]): bigint {
  return promotions
    .filter(({ type, only_list_price }) => type === "item_percent" && (only_list_price ?? list) === list)
    .reduce(
      (price, one) => divideRounded(price * BigInt(100 - (one.percent ?? 0)), 100n, "half-up"),
      BigInt(list),
    );
}

function discounted(lines: readonly Line[], promotion: z.infer<typeof Promotion>): Line[] {
  if (promotion.type === "item_percent") return [...lines];
  const total = sum(lines.map(({ price }) => price));
  const discount = {
    order_percent: divideRounded(total * BigInt(promotion.percent ?? 0), 100n, "half-up"),
    order_amount: BigInt(promotion.amount ?? 0),
    order_fixed_price: total - BigInt(promotion.price ?? 0),
  }[promotion.type];
  const shares = allocateByWeight(
    discount,
    lines.map((line) => figures(line).gross),
    "largest-fraction",
  );
  return lines.map((line, index) => ({ ...line, price: line.price - (shares[index] ?? 0n) }));
}
