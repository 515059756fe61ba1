"use client";

import { useEffect, useState } from "react";
import type { ExceptionTotal, TotalsSoFar } from "@/lib/exceptions/schema";

type Whole = TotalsSoFar & Readonly<{ /** they could not be counted */ isLost: boolean }>;

/** Totals of all that a filter means: those of the page, or, where the page did not count all, those that are counted then. */
export function useWholeTotals(soFar: TotalsSoFar, address: string): Whole {
  const [counted, setCounted] = useState<Readonly<{ of: TotalsSoFar; whole: Whole }> | null>(null);
  useEffect(() => {
    if (soFar.isWhole) return;
    let isWanted = true;
    totalsOf(soFar, address)
      .then((totals) => ({ totals, isWhole: true, isLost: false }))
      .catch(() => ({ ...soFar, isLost: true }))
      .then((whole) => {
        if (isWanted) setCounted({ of: soFar, whole });
      });
    return () => {
      isWanted = false;
    };
  }, [soFar, address]);
  return counted?.of === soFar ? counted.whole : { ...soFar, isLost: false };
}

// The heading and the list ask for the same ones: they are counted once.
const asked = new WeakMap<TotalsSoFar, Promise<readonly ExceptionTotal[]>>();

function totalsOf(soFar: TotalsSoFar, address: string): Promise<readonly ExceptionTotal[]> {
  const before = asked.get(soFar);
  if (before) return before;
  const answer = fetch(`/api/exceptions/totals?${address}`).then(async (response) => {
    if (!response.ok) throw new Error(`the totals answered ${response.status}`);
    return ((await response.json()) as readonly Wire[]).map(revived);
  });
  asked.set(soFar, answer);
  return answer;
}

type Wire = Readonly<Record<"net" | "tax" | "gross" | "extent", string>> &
  Pick<ExceptionTotal, "currency" | "count">;

/** Amounts come as integer texts: this is the same build's own answer. */
const revived = ({ currency, count, net, tax, gross, extent }: Wire): ExceptionTotal => ({
  currency,
  count,
  net: BigInt(net),
  tax: BigInt(tax),
  gross: BigInt(gross),
  extent: BigInt(extent),
});
