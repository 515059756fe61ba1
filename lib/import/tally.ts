import type { Minor } from "@/lib/domain/money";
import type { Profile } from "./profile";
import type { ImportRow } from "./row";

type Amount = "net" | "tax" | "gross";

/** What a file's rows come to, counted row by row, with the signs that the file writes. */
export type Tally = Readonly<{
  add(row: ImportRow): void;
  /** the first row's currency */
  currency(): string;
  /** whether rows have more than one currency */
  isMixed(): boolean;
  /** minor units; null where some rows don't state it */
  sum(name: Amount): Minor | null;
}>;

/** An empty tally. */
export function createTally(profile: Profile): Tally {
  const sums: Record<Amount, Minor | null> = { net: 0n, tax: 0n, gross: 0n };
  let currency: string | null = null;
  let isMixed = false;
  return {
    add({ line, documentType, currency: own }) {
      currency ??= own;
      if (own !== currency) isMixed = true;
      const isTurned =
        profile.sign === "credit-positive" &&
        (documentType === "credit_memo" || documentType === "cancellation");
      for (const name of AMOUNTS) {
        const sum = sums[name];
        const amount = line[name];
        sums[name] = sum === null || amount === null ? null : isTurned ? sum - amount : sum + amount;
      }
    },
    currency: () => currency ?? "EUR",
    isMixed: () => isMixed,
    sum: (name) => sums[name],
  };
}

const AMOUNTS: readonly Amount[] = ["net", "tax", "gross"];
