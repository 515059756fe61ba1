import type { Minor } from "../money";
import { allocateByWeight } from "./allocation";
import type { Rate } from "./rate";

/** A tax that a document states once for several of its lines: their places in it, and the tax's rate if it has one. */
export type DocumentTax = Readonly<{ tax: Minor; rate: Rate | null; lines: readonly number[] }>;

/**
 * The tax of each line where a document states taxes only for itself: each tax is given out along the lines' nets by
 * largest remainder, so that the lines sum to it. Which line bears a cent is then a choice of ours and no statement of
 * the document's. Minor units; a tax without lines is nobody's and is left out.
 */
export function allocateTaxes(nets: readonly Minor[], taxes: readonly DocumentTax[]): readonly Minor[] {
  const shares = nets.map(() => 0n);
  for (const { tax, rate, lines } of taxes) {
    const given = sharesOf(
      tax,
      lines.map((line) => nets[line] ?? 0n),
      rate,
    );
    lines.forEach((line, index) => {
      shares[line] = (shares[line] ?? 0n) + (given[index] ?? 0n);
    });
  }
  return shares;
}

function sharesOf(total: Minor, nets: readonly Minor[], rate: Rate | null): readonly Minor[] {
  const sum = nets.reduce((all, net) => all + net, 0n);
  // A credit mirrors its sale.
  if (sum < 0n) {
    const mirrored = nets.map((net) => -net);
    return sharesOf(-total, mirrored, rate).map((share) => -share);
  }
  const byRate = rate ? largestRemainders(total, nets, rate) : null;
  if (byRate) return byRate;
  // A tax that was set by hand, or has no rate, goes along the nets as they are.
  const weights = nets.map((net) => (net > 0n ? net : 0n));
  if (weights.some((weight) => weight > 0n)) return allocateByWeight(total, weights, "largest-fraction");
  return nets.map((_, index) => (index === 0 ? total : 0n));
}

/** Each line's own tax rounded down, then a cent more each where most was lost; null where that doesn't reach the total. */
function largestRemainders(total: Minor, nets: readonly Minor[], { n, d }: Rate): readonly Minor[] | null {
  const floors = nets.map((net) => floorDivide(net * n, d));
  const rest = floors.reduce((left, share) => left - share, total);
  if (rest < 0n || rest > BigInt(nets.length)) return null;
  const lost = (index: number): bigint => (nets[index] ?? 0n) * n - (floors[index] ?? 0n) * d;
  const order = nets
    .map((_, index) => index)
    .sort((a, b) => (lost(a) === lost(b) ? a - b : lost(a) > lost(b) ? -1 : 1));
  const lucky = new Set(order.slice(0, Number(rest)));
  return floors.map((share, index) => (lucky.has(index) ? share + 1n : share));
}

const floorDivide = (numerator: bigint, denominator: bigint): bigint => {
  const whole = numerator / denominator;
  return numerator % denominator < 0n ? whole - 1n : whole;
};
