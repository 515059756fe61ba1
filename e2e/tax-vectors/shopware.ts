import { Decimal } from "decimal.js";
import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { type Adapter, at, Check, percent, sum, TAX_FIRST, Text } from "./vector";

const NetToGross = z.object({ net: z.string(), tax_rate: Text, decimals: z.number() });
const Cash = z.object({ amount: Text, interval: Text });
const Discount = z.object({
  gross_lines: z.array(z.object({ unit: Text, qty: z.number(), rate: Text })),
  discount_percent: z.string().optional(),
  discount_amount: Text.optional(),
});
const Taxes = z.object({
  discount: Text,
  line_tax: Text.optional(),
  taxes: z.record(z.string(), z.object({ gross: Text, tax: Text })),
});

export const shopware: Adapter = ({ kind, input, expected }) => {
  if (kind === "net_to_gross")
    return netToGross(NetToGross.parse(input), z.object({ gross: Text }).parse(expected).gross);
  if (kind === "cash_rounding")
    return cash(Cash.parse(input), z.object({ rounded: Text }).parse(expected).rounded);
  return discounted(Discount.parse(input), Taxes.parse(expected));
};

/** A net price of many decimals and its tax, rounded once to the decimals asked for. */
function netToGross({ net, tax_rate, decimals }: z.infer<typeof NetToGross>, gross: Text) {
  const places = new Decimal(net).decimalPlaces();
  const rate = percent(tax_rate);
  const exact = at(net, places) * (rate.d + rate.n);
  const made = divideRounded(exact * 10n ** BigInt(decimals), rate.d * 10n ** BigInt(places), "half-up");
  return new Check("gross rounded once from an unrounded net, half up")
    .is("gross", made, gross, decimals)
    .done();
}

/** To cents first, then to the smallest coin: both half up. */
function cash({ amount, interval }: z.infer<typeof Cash>, rounded: Text) {
  const cents = divideRounded(at(amount, 3), 10n, "half-up");
  const coin = at(interval);
  return new Check("to the cent, then to the coin, half up")
    .is("rounded", divideRounded(cents, coin, "half-up") * coin, rounded)
    .done();
}

/** A discount spread over the rates by value, and taxed rate by rate. */
function discounted(input: z.infer<typeof Discount>, expected: z.infer<typeof Taxes>) {
  const values = input.gross_lines.map(({ unit, qty }) => at(unit) * BigInt(qty));
  const discount = input.discount_percent
    ? divideRounded(sum(values) * BigInt(input.discount_percent), 100n, "half-up")
    : at(input.discount_amount ?? 0);
  const shares = allocateByWeight(discount, values, "largest-fraction");
  const check = new Check("once per rate, half up, from gross prices").is(
    "discount",
    discount,
    expected.discount,
  );
  input.gross_lines.forEach(({ rate }, index) => {
    const share = shares[index] ?? 0n;
    const wanted = expected.taxes[String(rate)];
    check.is(`gross at ${rate}`, share, wanted?.gross);
    check.is(`tax at ${rate}`, taxOf(share, percent(rate), TAX_FIRST), wanted?.tax);
    check.is("tax of the line", taxOf(values[index] ?? 0n, percent(rate), TAX_FIRST), expected.line_tax);
  });
  return check.done();
}
