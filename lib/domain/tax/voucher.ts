import type { Minor } from "../money";
import { allocateByWeight } from "./allocation";

/**
 * An absolute voucher (10.00 off the order) on single items, as SCAYLE books it for invoices and refunds: on one item,
 * "typically the most expensive" (DOC:en/developer-guide/transaction-orders/general/price-calculator-v1). Among equally
 * expensive items the first in the order's own sequence carries it. What is more than that item costs goes on to
 * the next most expensive: the docs are silent there, and a price below nothing is none.
 * Returns the reduction of each item in minor units, positive, in the items' sequence; their sum is the voucher, or the
 * goods' value where that is less. Throws a RangeError for a negative voucher or price.
 */
export function onSingleItem(voucher: Minor, prices: readonly Minor[]): readonly Minor[] {
  demandPositive(voucher, prices);
  const reductions = prices.map(() => 0n);
  let rest = voucher;
  const dearestFirst = prices
    .map((price, index) => ({ price, index }))
    .sort((a, b) => (a.price === b.price ? a.index - b.index : a.price > b.price ? -1 : 1));
  for (const { price, index } of dearestFirst) {
    const taken = smaller(rest, price);
    reductions[index] = taken;
    rest -= taken;
  }
  return reductions;
}

/**
 * The same voucher spread over all items by their value: largest fraction first, ties to the first item.
 * Same shape and errors as onSingleItem.
 */
export function spreadByValue(voucher: Minor, prices: readonly Minor[]): readonly Minor[] {
  demandPositive(voucher, prices);
  const value = prices.reduce((sum, price) => sum + price, 0n);
  if (value === 0n) return prices.map(() => 0n);
  return allocateByWeight(smaller(voucher, value), prices, "largest-fraction");
}

const smaller = (a: Minor, b: Minor): Minor => (b < a ? b : a);

function demandPositive(voucher: Minor, prices: readonly Minor[]): void {
  if (voucher < 0n || prices.some((price) => price < 0n))
    throw new RangeError("A voucher and the prices that it reduces can't be negative.");
}
