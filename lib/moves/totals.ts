import type { Totals } from "@/lib/close/schema";
import type { Figures } from "@/lib/matching/summary";
import { figureOf } from "./data";
import { type MoveFigure, type MoveTotal, moveFigures } from "./schema";

/** Every total that is shown of a month. */
export const totalsShown = (
  all: readonly Pick<Totals, "causes" | "buckets">[] | readonly Figures[],
): readonly MoveTotal[] => [
  ...(["scayle", "erp", "explained", "unexplained"] as const).map((name) => ({ name, key: null })),
  ...[...new Set(all.flatMap((one) => one.causes.map(({ cause }) => cause)))].map((key) => ({
    name: "cause" as const,
    key,
  })),
  ...[...new Set(all.flatMap((one) => Object.keys(one.buckets.scayle)))].flatMap((key) => [
    { name: "scayle-bucket" as const, key },
    { name: "erp-bucket" as const, key },
  ]),
];

/**
 * The first total that moved, for whoever asks what moved and names none: the books' own currency first, gross before net and tax,
 * both sides and what lies between them before single causes. Null where nothing did.
 */
export function firstMoved(
  moved: ReadonlyMap<string, Figures>,
  currencies: readonly string[],
  asked: string | undefined,
): Readonly<{ currency: string; total: MoveTotal; of: MoveFigure }> | null {
  for (const currency of asked === undefined ? [...new Set([...currencies, ...moved.keys()])] : [asked]) {
    const figures = moved.get(currency);
    if (!figures) continue;
    for (const of of moveFigures) {
      const total = totalsShown([figures]).find((one) => figureOf(figures, one, of) !== 0n);
      if (total) return { currency, total, of };
    }
  }
  return null;
}
