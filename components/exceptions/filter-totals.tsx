"use client";

import { CircleHelp } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { Menu } from "@/components/ui/menu";
import { countOf, MANY, type TotalsSoFar } from "@/lib/exceptions/schema";
import { countedText } from "./queue/counted";
import { useWholeTotals } from "./queue/use-whole-totals";
import { SUMS_MEAN, Sums } from "./sums";

/** Count and sums of everything the filter means, per currency; and how many it leaves out since they wait. */
export function FilterTotals({
  soFar,
  address,
  period,
  waits,
}: Readonly<{
  soFar: TotalsSoFar;
  /** the filter and its entity, as an address */
  address: string;
  period: string | null;
  /** what waits until a day and would else be meant, and where it is shown; null: nothing does */
  waits: Readonly<{ soFar: TotalsSoFar; href: string }> | null;
}>) {
  const { totals, isWhole, isLost } = useWholeTotals(soFar, address);
  return (
    <div aria-live="polite" className="flex min-w-0 flex-wrap items-center gap-x-3 text-sm">
      {totals.length === 0 && <p className="text-soft">0 exceptions</p>}
      {!isWhole && (
        <p>
          <span className="font-semibold">More than {MANY.toLocaleString("en")} exceptions</span>{" "}
          <span className="text-soft">
            {isLost ? "They could not be counted; reload to try again." : "All of them are being counted…"}
          </span>
        </p>
      )}
      {isWhole &&
        totals.map((total) => (
          <p key={total.currency} className="flex flex-wrap items-baseline gap-x-3 @max-4xl:gap-x-2">
            <span className="font-semibold whitespace-nowrap">{countedText(total.count)}</span>
            <Sums total={total} brief />
          </p>
        ))}
      {waits && (
        <Link
          href={waits.href as Route}
          title="Until a day, or for somebody: each comes back by itself when its day has come"
          className="inline-flex min-h-[24px] items-center whitespace-nowrap underline decoration-line-strong underline-offset-4"
        >
          {waitsText(waits.soFar)}
        </Link>
      )}
      <Menu
        label="What the sums mean"
        align="start"
        button={
          <span className="flex items-center gap-1.5 text-soft">
            <span className="whitespace-nowrap @max-4xl:hidden">
              SCAYLE − ERP{period ? ` in ${period}` : ""}
            </span>
            <CircleHelp aria-hidden size={14} />
          </span>
        }
      >
        <p className="w-80 max-w-[80vw] p-2 text-sm">{SUMS_MEAN}</p>
      </Menu>
    </div>
  );
}

/** "12 more wait". */
function waitsText({ totals, isWhole }: TotalsSoFar): string {
  const count = countOf(totals);
  if (!isWhole) return `More than ${MANY.toLocaleString("en")} more wait`;
  return count === 1 ? "1 more waits" : `${count.toLocaleString("en")} more wait`;
}
