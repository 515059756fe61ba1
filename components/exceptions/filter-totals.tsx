"use client";

import { CircleHelp } from "lucide-react";
import { Menu } from "@/components/ui/menu";
import { MANY, type TotalsSoFar } from "@/lib/exceptions/schema";
import { countedText } from "./queue/counted";
import { useWholeTotals } from "./queue/use-whole-totals";
import { SUMS_MEAN, Sums } from "./sums";

/** Count and sums of everything the filter means, per currency. */
export function FilterTotals({
  soFar,
  address,
  period,
}: Readonly<{
  soFar: TotalsSoFar;
  /** the filter and its entity, as an address */
  address: string;
  period: string | null;
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
