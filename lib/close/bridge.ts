import { absolute, type Minor } from "@/lib/domain/money";
import type { bridgeFigures, Totals } from "./schema";

/** One bar of the bridge. `from` and `to` are where it begins and ends on the way from SCAYLE's total to the ERP's. */
export type BridgeBar = Readonly<{
  key: string;
  kind: "total" | "cause" | "unexplained" | "others";
  /** the causes, or whatever else tells its steps apart, that the bar stands for; none on a total */
  causes: readonly string[];
  /** what people call it, where the causes' titles do not say it */
  label?: string;
  count: number;
  /** what the bar takes from (+) or adds to (−) the running total: SCAYLE − ERP, in minor units */
  amount: Minor;
  from: Minor;
  to: Minor;
}>;

/** How many steps have a bar of their own; the smaller ones share one. */
export const BARS_MAX = 7;

/** Which amounts of a period a bridge is of. */
export type BridgeFigure = (typeof bridgeFigures)[number];

/** A bridge, and by how much its steps miss the ERP's total. */
export type Bridge = Readonly<{ of: BridgeFigure; bars: readonly BridgeBar[]; gap: Minor }>;

/**
 * SCAYLE's total, each cause by its size, what is unexplained, the ERP's total: one of the amounts of a period.
 * The running total after the last cause is the ERP's total, else the books do not add up and `gap` says by how much.
 */
export function bridgeOf(totals: Totals, of: BridgeFigure = "gross"): Bridge {
  const steps = totals.causes
    .filter((cause) => cause[of] !== 0n)
    .map((cause) => ({ key: cause.cause, count: cause.count, amount: cause[of] }));
  const { unexplained } = totals;
  const last =
    unexplained.count > 0 || unexplained[of] !== 0n
      ? [{ key: "unexplained", count: unexplained.count, amount: unexplained[of] }]
      : [];
  return bridgeBy(totals, of, steps, last);
}

type StepLike = Readonly<{ key: string; label?: string; count: number; amount: Minor }>;

/** The same with steps of another kind: what differs by shop, channel, tax code, payment method or day. `last` has a bar of its own. */
export function bridgeBy(
  totals: Pick<Totals, "scayle" | "erp">,
  of: BridgeFigure,
  steps: readonly StepLike[],
  last: readonly StepLike[] = [],
): Bridge {
  const named = [...steps].sort(
    (a, b) => compare(absolute(b.amount), absolute(a.amount)) || (a.key < b.key ? -1 : 1),
  );
  const own = named.slice(0, BARS_MAX);
  const rest = named.slice(BARS_MAX);
  const bars: BridgeBar[] = [];
  let running = totals.scayle[of];
  const total = (key: string, amount: Minor, count: number) =>
    bars.push({ key, kind: "total", causes: [], count, amount, from: 0n, to: amount });
  const step = (
    kind: BridgeBar["kind"],
    causes: readonly string[],
    { key, label, count, amount }: StepLike,
  ) => {
    const to = running - amount;
    bars.push({ key, kind, causes, ...(label !== undefined && { label }), count, amount, from: running, to });
    running = to;
  };

  total("scayle", totals.scayle[of], totals.scayle.lines);
  for (const one of own) step("cause", [one.key], one);
  if (rest.length > 0) {
    step(
      "others",
      rest.map((one) => one.key),
      {
        key: "others",
        count: rest.reduce((so, one) => so + one.count, 0),
        amount: rest.reduce((so, one) => so + one.amount, 0n),
      },
    );
  }
  for (const one of last) step("unexplained", [one.key], one);
  const gap = running - totals.erp[of];
  total("erp", totals.erp[of], totals.erp.lines);
  return { of, bars, gap };
}

const compare = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);

/** What the causes and the unexplained come to: SCAYLE − explained − unexplained = ERP. */
export const explainedOf = (totals: Totals): Minor =>
  totals.causes.reduce((sum, cause) => sum + cause.gross, 0n);
