import type { KnownAmounts, Minor } from "../money";
import { divideRounded, type RoundingMode } from "./rounding";

/** What a unit (or a fee) was sold for, or what of it was refunded: with tax, and the tax in it. */
export type Refundable = Readonly<{ gross: Minor; tax: Minor }>;

/** What is left to refund of a unit. Never beyond nothing, whatever was refunded before. */
export function leftToRefund(sold: Refundable, refunded: readonly Refundable[]): Refundable {
  const sign = sold.gross < 0n ? -1n : 1n;
  const left = (of: (one: Refundable) => Minor): Minor => {
    const rest = refunded.reduce((sum, one) => sum - of(one), of(sold)) * sign;
    return rest > 0n ? rest * sign : 0n;
  };
  return { gross: left((one) => one.gross), tax: left((one) => one.tax) };
}

/**
 * Figures of a partial refund (Sylius' refund plug-in, and every shop that refunds an amount instead of goods):
 *   tax = round(refund × unit tax / unit gross), capped at the tax that is left; net is the rest.
 * The refund that takes all that is left takes all the tax that is left, so that the refunds of a unit sum to its sale.
 * `beyond` is the part of the amount that was not left to refund: it has no sale, hence no tax, and is in none of the
 * figures. All in minor units; a refund has its sale's sign. Throws a RangeError when the signs differ.
 */
export function partialRefund(
  amount: Minor,
  sold: Refundable,
  refunded: readonly Refundable[],
  mode: RoundingMode = "half-up",
): KnownAmounts & Readonly<{ beyond: Minor }> {
  if ((amount < 0n && sold.gross > 0n) || (amount > 0n && sold.gross < 0n))
    throw new RangeError("A refund has the sign of what was sold.");
  const sign = sold.gross < 0n ? -1n : 1n;
  const left = leftToRefund(sold, refunded);
  const gross = amount * sign < left.gross * sign ? amount : left.gross;
  const tax = gross === left.gross ? left.tax : capped(shareOfTax(gross, sold, mode), left.tax);
  return { net: gross - tax, tax, gross, beyond: amount - gross };
}

function shareOfTax(gross: Minor, sold: Refundable, mode: RoundingMode): Minor {
  const sign = sold.gross < 0n ? -1n : 1n;
  return divideRounded(gross * sold.tax * sign, sold.gross * sign, mode);
}

/** The smaller of two amounts of one sign, in size. */
function capped(tax: Minor, left: Minor): Minor {
  const size = (amount: Minor) => (amount < 0n ? -amount : amount);
  return size(tax) < size(left) ? tax : left;
}
