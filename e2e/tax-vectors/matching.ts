import { z } from "zod";
import { type Adapter, at, Check, sum, Text } from "./vector";

const TOLERANT = "matches within a tolerance: here nothing is waved through for being small";
const Amounts = z.object({
  external: Text.optional(),
  internal: Text.optional(),
  internal_group: Text.optional(),
  internals: z.array(Text).default([]),
  externals: z.array(Text).default([]),
  relative_drift_of_internal: Text.optional(),
  relative_drift: Text.optional(),
});

/** Blnk and OCA: what they call matched. Only what agrees to the minor unit is matched here, so only their exact rules are ours. */
export const matching: Adapter = ({ kind, input, expected }) => {
  if (kind === "rounding_writeoff_rule" || kind === "writeoff")
    return {
      outOfScope: "writes a difference off by its size: here a cause is proved, or the difference stays",
    };
  if (kind === "partial_payment") return partialPayment(input, expected);
  const { match } = z.object({ match: z.boolean() }).parse(expected);
  if (kind === "payment_tolerance_percent" || kind === "strict_total_percent")
    return payment(kind, input, match);
  const one = Amounts.parse(input);
  if (Number(one.relative_drift_of_internal ?? one.relative_drift ?? 0) > 0) return { outOfScope: TOLERANT };
  const all = (texts: readonly (Text | undefined)[]) => sum(texts.map((text) => at(text ?? 0, 4)));
  const same =
    all([one.external, ...one.externals]) === all([one.internal, one.internal_group, ...one.internals]);
  return new Check("equal to the minor unit").says("match", same, match).done();
};

function payment(kind: string, input: unknown, match: boolean) {
  const one = z
    .object({
      invoice: Text,
      payment: Text,
      tolerance_percent: Text.default(0),
      required_percent: Text.default(100),
    })
    .parse(input);
  if (Number(one.tolerance_percent) > 0 || Number(one.required_percent) < 100)
    return { outOfScope: TOLERANT };
  if (kind === "payment_tolerance_percent" && at(one.payment) > at(one.invoice))
    return { outOfScope: "takes any overpayment as matched: a close should not" };
  return new Check("equal to the minor unit")
    .says("match", at(one.payment) === at(one.invoice), match)
    .done();
}

/** What is left of a payment after an invoice is the difference, to the minor unit. */
function partialPayment(input: unknown, expected: unknown) {
  const one = z
    .object({
      invoice: Text.optional(),
      payment: Text.optional(),
      payment_residual: Text.optional(),
      next_invoice: Text.optional(),
    })
    .parse(input);
  const wanted = z
    .object({ payment_residual: Text.optional(), invoice_residual: Text.optional() })
    .parse(expected);
  const check = new Check("what is left is the difference");
  if (one.payment_residual === undefined)
    return check.is("left", at(one.invoice ?? 0) - at(one.payment ?? 0), wanted.payment_residual).done();
  return check
    .is("left", at(one.next_invoice ?? 0) + at(one.payment_residual), wanted.invoice_residual)
    .done();
}
