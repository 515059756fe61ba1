import { Decimal } from "decimal.js";
import { z } from "zod";
import { taxTogether } from "@/lib/domain/tax/exact";
import { type Adapter, at, Check, NET_FIRST, ON_TOP, percent, Text } from "./vector";

const Part = z.object({
  price: Text.optional(),
  amount: Text.optional(),
  qty: z.number().default(1),
  rate: Text,
  incl: z.boolean().default(false),
  discount: Text.default("0"),
});
const Input = z.object({ items: z.array(Part), shipping: z.array(Part).default([]) });
const Expected = z.object({ subtotal: Text, tax: Text, total: Text });

// Medusa rounds nothing: its figures are taken at ten decimals, more than any of them differ in.
const DECIMALS = 10;
const near = (text: Text) => new Decimal(text).toDecimalPlaces(DECIMALS).toFixed();

export const medusa: Adapter = ({ input, expected }) => {
  const { items, shipping } = Input.parse(input);
  const parts = [...items, ...shipping];
  const wanted = Expected.parse(expected);
  if (parts.some((part) => part.incl && at(part.discount) !== 0n))
    return {
      outOfScope:
        "a discount on a price with tax is taken from its net: its total and its tax stand on two bases",
    };
  const base = ({ price, amount, qty }: z.infer<typeof Part>) =>
    at(price ?? amount ?? 0, DECIMALS) * BigInt(qty);
  const of = (included: boolean) =>
    parts
      .filter((part) => part.incl === included)
      .map((part) => ({ base: base(part) - at(part.discount, DECIMALS), rate: percent(part.rate) }));
  const inside = taxTogether(of(true), NET_FIRST);
  const onTop = taxTogether(of(false), ON_TOP);
  const listed = parts.reduce((all, part) => all + base(part), 0n);
  const discounts = parts.reduce((all, part) => all + at(part.discount, DECIMALS), 0n);
  return new Check("once per order, unrounded (ten decimals)")
    .is("subtotal", listed - inside, near(wanted.subtotal), DECIMALS)
    .is("tax", inside + onTop, near(wanted.tax), DECIMALS)
    .is("total", listed - discounts + onTop, near(wanted.total), DECIMALS)
    .done();
};
