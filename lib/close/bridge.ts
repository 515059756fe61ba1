import { absolute, type Minor } from "@/lib/domain/money";
import type { bridgeFigures, Totals } from "./schema";

/** One bar of the bridge. `from` and `to` are where it begins and ends on the way from SCAYLE's total to the ERP's. */
export type BridgeBar = Readonly<{
  key: string;
  kind: "total" | "cause" | "unexplained" | "others";
  /** the causes that the bar stands for; none on a total */
  causes: readonly string[];
  count: number;
  /** what the bar takes from (+) or adds to (−) the running total: SCAYLE − ERP, in minor units */
  amount: Minor;
  from: Minor;
  to: Minor;
}>;

/** How many causes have a bar of their own; the smaller ones share one. */
export const BARS_MAX = 7;

/** Which amounts of a period a bridge is of. */
export type BridgeFigure = (typeof bridgeFigures)[number];

/**
 * SCAYLE's total, each cause by its size, what is unexplained, the ERP's total: one of the amounts of a period.
 * The running total after the last cause is the ERP's total, else the books do not add up and `gap` says by how much.
 */
export function bridgeOf(
  totals: Totals,
  of: BridgeFigure = "gross",
): Readonly<{ of: BridgeFigure; bars: readonly BridgeBar[]; gap: Minor }> {
  const named = totals.causes
    .filter((cause) => cause[of] !== 0n)
    .sort((a, b) => compare(absolute(b[of]), absolute(a[of])) || (a.cause < b.cause ? -1 : 1));
  const own = named.length > BARS_MAX + 1 ? named.slice(0, BARS_MAX) : named;
  const rest = named.slice(own.length);

  const bars: BridgeBar[] = [];
  let running = 0n;
  const total = (key: string, amount: Minor, count: number) => {
    bars.push({ key, kind: "total", causes: [], count, amount, from: 0n, to: amount });
    running = amount;
  };
  const step = (
    key: string,
    kind: BridgeBar["kind"],
    causes: readonly string[],
    count: number,
    amount: Minor,
  ) => {
    bars.push({ key, kind, causes, count, amount, from: running, to: running - amount });
    running -= amount;
  };

  total("scayle", totals.scayle[of], totals.scayle.lines);
  for (const cause of own) step(cause.cause, "cause", [cause.cause], cause.count, cause[of]);
  if (rest.length > 0) {
    const sum = rest.reduce((so, cause) => so + cause[of], 0n);
    const count = rest.reduce((so, cause) => so + cause.count, 0);
    step(
      "others",
      "others",
      rest.map((cause) => cause.cause),
      count,
      sum,
    );
  }
  if (totals.unexplained.count > 0 || totals.unexplained[of] !== 0n) {
    step("unexplained", "unexplained", ["unexplained"], totals.unexplained.count, totals.unexplained[of]);
  }
  const gap = running - totals.erp[of];
  total("erp", totals.erp[of], totals.erp.lines);
  return { of, bars, gap };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** What the causes and the unexplained come to: SCAYLE − explained − unexplained = ERP. */
export const explainedOf = (totals: Totals): Minor =>
  totals.causes.reduce((sum, cause) => sum + cause.gross, 0n);
