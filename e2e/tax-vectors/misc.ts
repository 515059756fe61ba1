import { Decimal } from "decimal.js";
import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { averageRate, weightedRate } from "@/lib/domain/tax/shipping";
import {
  type Adapter,
  at,
  Check,
  fraction,
  NET_FIRST,
  ON_TOP,
  type Outcome,
  percent,
  ruleFor,
  sum,
  Text,
  type Vector,
} from "./vector";

const LineTax = z.object({
  base: Text.optional(),
  base_minor: z.number().optional(),
  discount: Text.default("0"),
  rate: Text,
  included: z.boolean(),
  rounded: z.boolean().default(true),
});
const LineExpected = z.object({
  tax: Text.optional(),
  tax_minor: z.number().optional(),
  net: Text.optional(),
  gross: Text.optional(),
});

/** Sylius, Solidus, Spree, Saleor, WooCommerce: single lines and small carts. */
export const misc: Adapter = (vector) => {
  const kinds: Readonly<Record<string, (one: Vector) => Outcome>> = {
    line_tax: lineTax,
    net_price_export: netPrice,
    restate_gross_other_country: otherCountry,
    weighted_shipping_rate: shippingRate,
    compound_tax: () => ({ outOfScope: "tax on tax: one rate per line in SCAYLE and the ERP" }),
    cart_tax: cart,
    cart_discount: cartDiscount,
  };
  const adapt = kinds[vector.kind];
  if (!adapt) throw new Error(`Unknown kind ${vector.kind}`);
  return adapt(vector);
};

function lineTax({ input, expected }: Vector): Outcome {
  const line = LineTax.parse(input);
  const wanted = LineExpected.parse(expected);
  // Where nothing is rounded, a decimal more than the case states is enough to see that.
  const decimals = line.rounded ? 2 : 4;
  const base =
    line.base_minor === undefined
      ? at(line.base ?? 0, 3) + at(line.discount, 3)
      : BigInt(line.base_minor) * 10n;
  const rate = fraction(line.rate);
  // Amounts of three decimals in, tax of `decimals` out: the difference is put into the rate's denominator.
  const tax =
    decimals === 4
      ? taxOf(base * 10n, rate, ruleFor(line.included))
      : base % 10n === 0n
        ? taxOf(base / 10n, rate, ruleFor(line.included))
        : taxOf(base, { n: rate.n, d: rate.d * 10n }, ON_TOP);
  const amount = base / 10n;
  return new Check(
    `per line, ${line.rounded ? "half up" : "unrounded"}, from ${line.included ? "gross" : "net"} prices`,
  )
    .is("tax", tax, wanted.tax, decimals)
    .is("tax", tax, wanted.tax_minor, 0)
    .is("net", line.included ? amount - tax : amount, wanted.net)
    .is("gross", line.included ? amount : amount + tax, wanted.gross)
    .done();
}

function netPrice({ input, expected }: Vector): Outcome {
  const { gross, rate } = z.object({ gross: Text, rate: Text }).parse(input);
  const price = at(gross) - taxOf(at(gross), fraction(rate), NET_FIRST);
  return new Check("net first, half up")
    .is("price", price, z.object({ price: Text }).parse(expected).price)
    .done();
}

/** The net of one country's price, taxed by another's rate. */
function otherCountry({ input, expected }: Vector): Outcome {
  const one = z.object({ gross: Text, home_rate: Text, target_rate: Text }).parse(input);
  const net = at(one.gross) - taxOf(at(one.gross), fraction(one.home_rate), NET_FIRST);
  return new Check("net first, then on top, half up")
    .is(
      "gross",
      net + taxOf(net, fraction(one.target_rate), ON_TOP),
      z.object({ gross: Text }).parse(expected).gross,
    )
    .done();
}

function shippingRate({ input, expected }: Vector): Outcome {
  const { lines_net_and_rate } = z
    .object({ lines_net_and_rate: z.array(z.tuple([Text, Text])) })
    .parse(input);
  const goods = lines_net_and_rate.map(([net, rate]) => ({ net: at(net), rate: fraction(rate) }));
  const wanted = new Decimal(
    String(z.object({ shipping_rate_percent: Text }).parse(expected).shipping_rate_percent),
  );
  const exact = averageRate(goods);
  const rounded = weightedRate(goods);
  return new Check("rate weighted by the goods' net; SCAYLE's rounds it to three decimals")
    .is("rate", exact ? (exact.n * 1_000_000n) / exact.d : 0n, wanted.toFixed(), 4)
    .is(
      "in three decimals",
      rounded?.n ?? 0n,
      wanted.div(100).toDecimalPlaces(3, Decimal.ROUND_HALF_UP).toFixed(),
      3,
    )
    .done();
}

const Cart = z.object({
  prices_include_tax: z.boolean(),
  round_at_subtotal: z.boolean(),
  tax_rate: Text.optional(),
  tax_rates: z.array(z.string()).optional(),
  items: z.array(z.object({ price: Text, qty: z.number(), rate: Text.optional() })),
  coupon_fixed: Text.default("0"),
  shipping: Text.default("0"),
  shipping_net: Text.default("0"),
  shipping_rate: Text.default("0"),
});

/** WooCommerce takes the net out of a price with tax and rounds it half up: the tax, being the rest, rounds half down. */
function cart({ input, expected }: Vector): Outcome {
  const one = Cart.parse(input);
  const wanted = z
    .object({
      total: Text,
      tax: Text.optional(),
      discount_tax: Text.optional(),
      discount_net: Text.optional(),
    })
    .parse(expected);
  const rule = one.prices_include_tax ? NET_FIRST : ON_TOP;
  const rates = (item: { rate?: Text | undefined }) =>
    one.tax_rates
      ? one.tax_rates.map((text) => percent(text.split(" ")[0] ?? "0"))
      : [percent(item.rate ?? one.tax_rate ?? 0)];
  const coupon = at(one.coupon_fixed);
  const goods = one.items.map((item) => ({
    base: at(item.price) * BigInt(item.qty) - coupon,
    rates: rates(item),
  }));
  const onTop = one.prices_include_tax
    ? 0n
    : sum(goods.flatMap(({ base, rates: all }) => all.map((rate) => taxOf(base, rate, rule))));
  const inside = one.prices_include_tax
    ? sum(goods.map(({ base, rates: all }) => taxOf(base, all[0] ?? percent(0), rule)))
    : 0n;
  const fee =
    at(one.shipping) + at(one.shipping_net) + taxOf(at(one.shipping_net), percent(one.shipping_rate), ON_TOP);
  const discountTax = taxOf(coupon, rates({})[0] ?? percent(0), rule);
  return new Check(
    `per line and rate, half up, from ${one.prices_include_tax ? "gross prices, net first" : "net prices"}`,
  )
    .is("total", sum(goods.map(({ base }) => base)) + onTop + fee, wanted.total)
    .is("tax", inside + onTop, wanted.tax)
    .is("discount tax", discountTax, wanted.discount_tax)
    .is("discount net", coupon - discountTax, wanted.discount_net)
    .done();
}

const Discounted = z.object({
  prices_include_tax: z.boolean().default(false),
  tax_rate: Text.default("0"),
  items: z.array(z.object({ price: Text, qty: z.number() })),
  coupon_fixed: Text.optional(),
  coupon_percent: z.string().optional(),
  vat_exempt: z.boolean().default(false),
});

function cartDiscount({ input, expected }: Vector): Outcome {
  const one = Discounted.parse(input);
  const wanted = z
    .object({
      total: Text.optional(),
      discount: Text.optional(),
      line_total: Text.optional(),
      line_total_incl_tax: Text.optional(),
      line_net_after_discount: Text.optional(),
    })
    .parse(expected);
  const rate = percent(one.tax_rate);
  const prices = one.items.flatMap(({ price, qty }) => Array.from({ length: qty }, () => at(price)));
  const listed = sum(prices);
  if (one.coupon_fixed) {
    const shares = allocateByWeight(at(one.coupon_fixed), prices, "largest-fraction");
    return new Check("largest fraction, ties first")
      .is("discount", sum(shares), wanted.discount)
      .is("total", sum(prices.map((price, index) => price - (shares[index] ?? 0n))), wanted.total)
      .done();
  }
  const share = BigInt(100 - Number(one.coupon_percent ?? 0));
  if (wanted.line_net_after_discount !== undefined) {
    // The suite cuts its discount to whole cents.
    const price = listed - (listed * (100n - share)) / 100n;
    const net = price - taxOf(price, rate, NET_FIRST);
    return new Check("net first, half up, discount cut")
      .is("net", net, wanted.line_net_after_discount)
      .done();
  }
  const kept = divideRounded(listed * share, 100n, "half-up");
  // Free of VAT: the net in hundredths of a cent, so that it is rounded once.
  const exempt = listed * share - taxOf(listed * share, rate, NET_FIRST);
  return new Check("what is kept of a price, half up")
    .is("total", one.vat_exempt ? divideRounded(exempt, 100n, "half-up") : kept, wanted.total)
    .is("line", kept, wanted.line_total)
    .is("line with tax", kept + taxOf(kept, rate, ON_TOP), wanted.line_total_incl_tax)
    .done();
}
