import { Decimal } from "decimal.js";
import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf } from "@/lib/domain/tax/exact";
import type { Rate } from "@/lib/domain/tax/rate";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { type Adapter, Check, ON_TOP, type Outcome, percent, sum, TAX_FIRST } from "./vector";

const Tax = z.object({
  type: z.string(),
  rate: z.number().default(0),
  price_included: z.boolean().default(false),
  include_base_amount: z.boolean().default(false),
  reverse_charge_repartition: z.boolean().default(false),
});
const Line = z.object({
  price_unit: z.number(),
  quantity: z.number(),
  discount_percent: z.number().default(0),
  taxes: z.array(Tax),
});
const LineInput = Line.extend({ rounding: z.string(), precision: z.number(), excluded: z.boolean() });
const LineExpected = z.object({
  total_excluded: z.number(),
  total_included: z.number(),
  taxes: z.array(z.object({ base: z.number(), amount: z.number() })),
});
const DocumentInput = z.object({
  rounding_method: z.enum(["round_globally", "round_per_line"]),
  cash_rounding: z.null(),
  lines: z.array(Line),
  payment_type: z.string().optional(),
  payment: z.number().optional(),
});
const Totals = z.object({
  base_amount_currency: z.number(),
  tax_amount_currency: z.number(),
  total_amount_currency: z.number(),
});

/** Why an Odoo tax is not one of ours; null when it is a plain percentage of the line. */
function foreign(taxes: readonly z.infer<typeof Tax>[]): string | null {
  const types = new Set(taxes.map((tax) => tax.type));
  if (types.has("group")) return "taxes in groups: one rate per line in SCAYLE and the ERP";
  if (types.has("division")) return "a tax as a share of the price with tax (Brazil): no VAT";
  if (types.has("fixed")) return "an amount per unit (a levy), no VAT";
  if (taxes.some((tax) => tax.include_base_amount))
    return "tax on tax: one rate per line in SCAYLE and the ERP";
  if (taxes.some((tax) => tax.reverse_charge_repartition))
    return "a reverse charge booked as tax and its opposite";
  return null;
}

export const odoo: Adapter = ({ kind, input, expected }) => {
  if (kind === "price_conversion") return conversion(input, expected);
  if (kind === "line_tax") return line(LineInput.parse(input), LineExpected.parse(expected));
  const lines = z.array(Line).parse(input["lines"]);
  const reason = foreign(lines.flatMap((one) => one.taxes));
  if (reason) return { outOfScope: reason };
  return documentTotals(DocumentInput.parse(input), expected);
};

/** A price with one country's tax inside, restated for another's. Prices without tax stay. */
function conversion(input: unknown, expected: unknown): Outcome {
  const one = z.object({ price_unit: z.number(), from: z.array(Tax), to: z.array(Tax) }).parse(input);
  const reason = foreign([...one.from, ...one.to]);
  if (reason) return { outOfScope: reason };
  const { price_unit } = z.object({ price_unit: z.number() }).parse(expected);
  const [from, to] = [one.from[0], one.to[0]];
  const price = cents(one.price_unit);
  const check = new Check("net of a gross price, taxed again, half up");
  if (!from?.price_included || !to) return check.is("price", price, price_unit).done();
  const net = price - taxOf(price, percent(from.rate), TAX_FIRST);
  const made = to.price_included ? net + taxOf(net, percent(to.rate), ON_TOP) : net;
  return check.is("price", made, price_unit).done();
}

const cents = (amount: number): bigint => BigInt(new Decimal(amount).times(100).toFixed(0));

/** One line: its taxes each rounded by themselves, or kept at more decimals than the suite states. */
function line(input: z.infer<typeof LineInput>, expected: z.infer<typeof LineExpected>): Outcome {
  const reason = foreign(input.taxes);
  if (reason) return { outOfScope: reason };
  if (input.excluded)
    return { outOfScope: "the test leaves out one of the line's taxes by a filter of its own" };
  const inside = input.taxes.filter((tax) => tax.price_included);
  if (inside.length > 1 && inside.every((tax) => tax.rate > 0))
    return { outOfScope: "two rates inside one price: one rate per line in SCAYLE and the ERP" };
  const isRounded = input.rounding === "round_per_line";
  // The unit of account: the currency's precision, or (unrounded) a ten-millionth.
  const unit = new Decimal(isRounded ? input.precision : "0.0000001");
  const inUnits = (amount: Decimal.Value): bigint => BigInt(new Decimal(amount).div(unit).toFixed(0));
  const price = inUnits(new Decimal(input.price_unit).times(input.quantity));
  const rate = inside.reduce((all, tax) => all + tax.rate, 0);
  const base = price - taxOf(price, percent(rate), TAX_FIRST);
  const taxes = input.taxes.map((tax) =>
    tax.price_included && tax.rate > 0 ? price - base : taxOf(base, percent(tax.rate), ON_TOP),
  );
  const check = new Check(isRounded ? "per line, half up" : "per line, unrounded");
  // Unrounded figures are stated with up to seven decimals: ours are rounded to as many.
  const compare = (name: string, got: bigint, wanted: number) => {
    const decimals = isRounded ? null : Math.max(2, new Decimal(wanted).decimalPlaces());
    const step = decimals === null ? 1n : 10n ** BigInt(7 - decimals);
    check.says(
      name,
      divideRounded(got, step, "half-up"),
      decimals === null ? inUnits(wanted) : inUnits(wanted) / step,
    );
  };
  compare("base", base, expected.total_excluded);
  compare("total", base + sum(taxes), expected.total_included);
  check.is("taxes", BigInt(taxes.length), expected.taxes.length, 0);
  expected.taxes.forEach((wanted, index) => {
    compare(`tax ${index}`, taxes[index] ?? 0n, wanted.amount);
  });
  return check.done();
}

/** A document: taxes rounded line by line, or once per tax. */
function documentTotals(input: z.infer<typeof DocumentInput>, expected: unknown): Outcome {
  const wanted = Totals.parse(
    input.payment === undefined ? expected : z.object({ tax_totals: z.unknown() }).parse(expected).tax_totals,
  );
  const isPerLine = input.rounding_method === "round_per_line";
  // Prices times quantities and discounts at six decimals; rounded to cents where the document's rule says so.
  const share = BigInt(input.payment ?? 100);
  const lines = input.lines.map(({ price_unit, quantity, discount_percent, taxes }) => ({
    exact: BigInt(
      new Decimal(price_unit)
        .times(quantity)
        .times(new Decimal(100).minus(discount_percent))
        .times(10_000)
        .toFixed(0),
    ),
    taxes,
  }));
  if (lines.some(({ taxes }) => taxes.filter((tax) => tax.price_included).length > 1))
    return { outOfScope: "two rates inside one price: one rate per line in SCAYLE and the ERP" };
  const bases: bigint[] = [];
  const taxed = new Map<string, { base: bigint; rate: Rate; included: boolean }>();
  let tax = 0n;
  for (const { exact, taxes } of lines) {
    const base = divideRounded(exact, 10_000n, "half-up");
    bases.push(isPerLine ? base * 10_000n : exact);
    for (const one of taxes) {
      const rule = one.price_included ? TAX_FIRST : ON_TOP;
      if (isPerLine) tax += taxOf(base, percent(one.rate), rule);
      const key = `${one.rate} ${one.price_included}`;
      const before = taxed.get(key)?.base ?? 0n;
      taxed.set(key, { base: before + exact, rate: percent(one.rate), included: one.price_included });
    }
  }
  const inside = lines.every(({ taxes }) => taxes.every((one) => one.price_included) && taxes.length > 0);
  if (!isPerLine)
    tax = sum(
      [...taxed.values()].map(({ base, rate, included }) => {
        const over = included ? rate.d + rate.n : rate.d;
        return divideRounded(base * rate.n, over * 10_000n, "half-up");
      }),
    );
  const listed = divideRounded(sum(bases), 10_000n, "half-up");
  const paid = (amount: bigint) =>
    allocateByWeight(amount, [share, 100n - share], "largest-fraction")[0] ?? 0n;
  return new Check(
    `${isPerLine ? "per line" : "once per document and rate"}, half up, from ${inside ? "gross" : "net"} prices`,
  )
    .is("base", paid(inside ? listed - tax : listed), wanted.base_amount_currency)
    .is("tax", paid(tax), wanted.tax_amount_currency)
    .is("total", paid(inside ? listed : listed + tax), wanted.total_amount_currency)
    .done();
}
