import { z } from "zod";
import { allocateByWeight } from "@/lib/domain/tax/allocation";
import { taxOf, taxTogether } from "@/lib/domain/tax/exact";
import { leftToRefund, partialRefund, type Refundable } from "@/lib/domain/tax/refund";
import { divideRounded } from "@/lib/domain/tax/rounding";
import { type Adapter, at, Check, ON_TOP, type Outcome, percent, sum, TAX_FIRST, Text } from "./vector";

const Unit = z.object({
  unit_gross_minor: z.number(),
  unit_tax_minor: z.number().default(0),
  refund_gross_minor: z.number().optional(),
  already_refunded_minor: z.array(z.number()).optional(),
  times: z.number().default(1),
});
const Line = z.object({
  name: z.string().default(""),
  qty: z.number(),
  unit_net: Text.optional(),
  unit_gross: Text.optional(),
  unit_discount: Text.default("0"),
  tax_rate: Text,
});
const Fee = z.union([
  Text.transform((net) => ({ name: "", net, gross: undefined, tax_rate: "0" as Text })),
  z.object({
    name: z.string().default(""),
    net: Text.optional(),
    fee: Text.optional(),
    gross: Text.optional(),
    tax_rate: Text,
  }),
]);
const Order = z.object({
  lines: z.array(Line).default([]),
  shipping: Fee.optional(),
  shipments: z.array(Fee).default([]),
  order_discount: Text.default("0"),
  shipping_discount_percent: z.string().default("0"),
  shipping_tax_rate: Text.optional(),
});
const Refund = z.object({
  unit: z.union([z.number(), z.string()]).optional(),
  shipping: z.string().optional(),
  amount: z.string().optional(),
  all: z.string().optional(),
});
const Memo = z.object({
  lines: z.array(z.object({ name: z.string(), qty: z.number(), net: Text, tax: Text, gross: Text })),
  tax_items: z.record(z.string(), Text),
  total: Text,
  net_total: Text.nullable(),
  tax_total: Text.nullable(),
});
const Expected = z.object({
  refunded_total: Text.optional(),
  rejected: z.string().optional(),
  payment_state: z.string().optional(),
  credit_memo: Memo.optional(),
});
const POLICY = "refund × unit tax / unit gross, half up, capped; the last takes the rest";

/** Sylius' refund plug-in, Medusa, Solidus, Odoo. */
export const refunds: Adapter = ({ kind, input, expected }) => {
  if (kind === "return_totals") return medusaReturn(input, expected);
  if (kind === "return_amount") return solidusReturn(input, expected);
  if (kind === "negative_quantity_line") return negativeLine(input, expected);
  if ("unit_gross_minor" in input) return oneUnit(Unit.parse(input), expected);
  const list = z.array(Refund).parse(input["refunds"]);
  return orderRefund(Order.parse(input["order"] ?? input), list, Expected.parse(expected));
};

function oneUnit(unit: z.infer<typeof Unit>, expected: unknown): Outcome {
  const sold = { gross: BigInt(unit.unit_gross_minor), tax: BigInt(unit.unit_tax_minor) };
  const check = new Check(POLICY);
  if (unit.already_refunded_minor) {
    const refunded = unit.already_refunded_minor.map((gross) => ({ gross: BigInt(gross), tax: 0n }));
    const { left_minor } = z.object({ left_minor: z.number() }).parse(expected);
    return check.is("left", leftToRefund(sold, refunded).gross, left_minor, 0).done();
  }
  const made = partialRefund(BigInt(unit.refund_gross_minor ?? 0), sold, []);
  const wanted = z
    .object({
      rejected: z.string().optional(),
      net_minor: z.number().optional(),
      tax_minor: z.number().optional(),
      gross_minor: z.number().optional(),
    })
    .parse(expected);
  if (wanted.rejected) return check.says("more than is left", made.beyond > 0n, true).done();
  const times = BigInt(unit.times);
  return check
    .is("net", made.net * times, wanted.net_minor, 0)
    .is("tax", made.tax * times, wanted.tax_minor, 0)
    .is("gross", made.gross * times, wanted.gross_minor, 0)
    .done();
}

/** One unit or one fee of an order, and what was refunded of it. */
type Sold = Refundable & Readonly<{ name: string; rate: Text; isFee: boolean; refunded: Refundable[] }>;

/** Units and fees as sold: order discounts given out cent by cent to lines and units, then taxed unit by unit. */
function soldOf(order: z.infer<typeof Order>): readonly Sold[] {
  const units = order.lines.flatMap((line) =>
    Array.from({ length: line.qty }, () => ({ line, price: at(line.unit_net ?? line.unit_gross ?? 0) })),
  );
  const prices = units.map(({ price }) => price);
  const off = at(order.order_discount);
  const shares = off === 0n ? prices.map(() => 0n) : allocateByWeight(off, prices, "first-lines");
  const goods = units.map(({ line, price }, index): Sold => {
    const base = price - at(line.unit_discount) - (shares[index] ?? 0n);
    return sold(
      line.name,
      base,
      line.tax_rate,
      line.unit_gross !== undefined && line.unit_net === undefined,
      false,
    );
  });
  const fees = [...(order.shipping ? [order.shipping] : []), ...order.shipments].map((fee) => {
    const net = fee.net ?? ("fee" in fee ? fee.fee : undefined);
    const listed = at(net ?? fee.gross ?? 0);
    const less = (listed * BigInt(order.shipping_discount_percent)) / 100n;
    return sold(fee.name, listed - less, order.shipping_tax_rate ?? fee.tax_rate, net === undefined, true);
  });
  return [...goods, ...fees];
}

function sold(name: string, base: bigint, rate: Text, included: boolean, isFee: boolean): Sold {
  const tax = taxOf(base, percent(rate), included ? TAX_FIRST : ON_TOP);
  return { name, rate, isFee, gross: included ? base : base + tax, tax, refunded: [] };
}

function orderRefund(
  order: z.infer<typeof Order>,
  list: readonly z.infer<typeof Refund>[],
  expected: z.infer<typeof Expected>,
): Outcome {
  const parts = soldOf(order);
  let rejected = false;
  for (const refund of list) {
    const chosen = chosenParts(parts, refund);
    for (const part of chosen)
      if (!refundPart(part, refund.all ?? refund.amount ?? refund.shipping ?? "")) rejected = true;
  }
  const refunded = sum(parts.flatMap((part) => part.refunded.map(({ gross }) => gross)));
  const total = sum(parts.map(({ gross }) => gross));
  const check = new Check(POLICY)
    .says("rejected", rejected, expected.rejected !== undefined)
    .is("refunded", refunded, expected.refunded_total)
    .says("state", refunded < total ? "partially_refunded" : "refunded", expected.payment_state);
  return (expected.credit_memo ? memo(check, parts, expected.credit_memo) : check).done();
}

/** Everything, all fees, or the first part that is meant. */
function chosenParts(parts: readonly Sold[], refund: z.infer<typeof Refund>): readonly Sold[] {
  if (refund.all) return parts;
  const meant = parts.filter((part) => isMeant(part, refund));
  return refund.shipping === "all" ? meant : meant.slice(0, 1);
}

const isMeant = (part: Sold, { unit, shipping }: z.infer<typeof Refund>): boolean =>
  shipping !== undefined
    ? part.isFee
    : !part.isFee && (typeof unit === "number" || part.name === unit || part.name === "");

/** Refunds an amount of a part; false when it asks for more than is left, or for less than nothing. */
function refundPart(part: Sold, asked: string): boolean {
  const whole = asked === "all" || asked === "rest";
  const amount = whole ? leftToRefund(part, part.refunded).gross : at(asked);
  if (amount < 0n) return false;
  const made = partialRefund(amount, part, part.refunded);
  if (made.beyond > 0n) return false;
  part.refunded.push(made);
  return true;
}

/** A credit memo: refunded units of one name and one figure are one line of it. */
function memo(check: Check, parts: readonly Sold[], expected: z.infer<typeof Memo>): Check {
  const back = parts.flatMap((part) =>
    part.refunded.map((one) => ({ ...one, name: part.name, rate: part.rate })),
  );
  for (const line of expected.lines) {
    const gross = at(line.gross) / BigInt(line.qty);
    const same = back.filter((one) => one.gross === gross && (one.name === "" || one.name === line.name));
    check
      .is(`${line.name} units`, BigInt(same.length), line.qty, 0)
      .is(`${line.name} gross`, sum(same.map((one) => one.gross)), line.gross)
      .is(`${line.name} tax`, sum(same.map((one) => one.tax)), line.tax)
      .is(`${line.name} net`, sum(same.map((one) => one.gross - one.tax)), line.net);
  }
  for (const [rate, tax] of Object.entries(expected.tax_items)) {
    const same = back.filter((one) => percentText(one.rate) === percentText(rate));
    check.is(`tax at ${rate}`, sum(same.map((one) => one.tax)), tax);
  }
  const tax = sum(back.map((one) => one.tax));
  const gross = sum(back.map((one) => one.gross));
  return check
    .is("total", gross, expected.total)
    .is("total net", gross - tax, expected.net_total)
    .is("total tax", tax, expected.tax_total);
}

const percentText = (rate: Text): string => String(Number(rate));

/** Medusa: a discounted line of equal units; what came back, was dismissed and was written off is a share of it each. */
function medusaReturn(input: unknown, expected: unknown): Outcome {
  const one = z
    .object({
      unit_price: Text,
      quantity: z.number(),
      tax_rate: Text,
      discount: Text,
      return_received_quantity: z.number(),
    })
    .parse(input);
  const wanted = z.object({ total: Text, tax_total: Text, return_received_total: Text }).parse(expected);
  const net = at(one.unit_price) * BigInt(one.quantity) - at(one.discount);
  const tax = taxOf(net, percent(one.tax_rate), ON_TOP);
  const back = divideRounded(
    (net + tax) * BigInt(one.return_received_quantity),
    BigInt(one.quantity),
    "half-up",
  );
  return new Check("per line, half up, from net prices; units by share")
    .is("total", net + tax, wanted.total)
    .is("tax", tax, wanted.tax_total)
    .is("back", partialRefund(back, { gross: net + tax, tax }, []).gross, wanted.return_received_total)
    .done();
}

/** Solidus: an order's discount is borne by its units alike, unrounded; one on shipping is not. */
function solidusReturn(input: unknown, expected: unknown): Outcome {
  const one = z
    .object({
      unit_price: Text,
      quantity: z.number(),
      order_adjustment: Text.default("0"),
      returned_units: z.number(),
    })
    .parse(input);
  const wanted = z.object({ refund: Text.optional(), refund_unrounded: Text.optional() }).parse(expected);
  const decimals = wanted.refund_unrounded === undefined ? 2 : 17;
  const paid = at(one.unit_price, decimals) * BigInt(one.quantity) + at(one.order_adjustment, decimals);
  const back = divideRounded(paid * BigInt(one.returned_units), BigInt(one.quantity), "half-up");
  return new Check("units by share, half up at the decimals stated")
    .is("refund", back, wanted.refund ?? wanted.refund_unrounded, decimals)
    .done();
}

/** Odoo: a returned unit as a negative line of the same document, taxed rate by rate. */
function negativeLine(input: unknown, expected: unknown): Outcome {
  const one = z
    .object({
      lines: z.array(z.object({ price: Text, qty: z.number(), vat: Text.nullable().optional() })),
      taxes: z.array(z.unknown()).optional(),
    })
    .parse(input);
  if (one.taxes) return { outOfScope: "a fixed amount per unit taxed in turn: no VAT of SCAYLE or the ERP" };
  const wanted = z.object({ base: Text, tax: Text, total: Text, vat_base: Text }).parse(expected);
  const lines = one.lines.map(({ price, qty, vat }) => ({
    base: at(price) * BigInt(qty),
    rate: percent(vat ?? 0),
    vat,
  }));
  const base = sum(lines.map((line) => line.base));
  const tax = taxTogether(lines, ON_TOP);
  return new Check("once per document and rate, half up, from net prices")
    .is("base", base, wanted.base)
    .is("tax", tax, wanted.tax)
    .is("total", base + tax, wanted.total)
    .is("taxed base", sum(lines.filter(({ vat }) => vat).map((line) => line.base)), wanted.vat_base)
    .done();
}
