import { Amount } from "@/components/ui/amount";
import type { ExceptionTotal } from "@/lib/exceptions/data";

/** Count and sums of everything the filter means, per currency. */
export function FilterTotals({
  totals,
  period,
}: Readonly<{ totals: readonly ExceptionTotal[]; period: string | null }>) {
  return (
    <div aria-live="polite" className="flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {totals.length === 0 && <p className="text-soft">0 exceptions</p>}
      {totals.map((total) => (
        <p key={total.currency} className="flex flex-wrap items-baseline gap-x-4 gap-y-0.5">
          <span className="font-semibold">
            {total.count === 1 ? "1 exception" : `${total.count.toLocaleString("en")} exceptions`}
          </span>
          {(["net", "tax", "gross"] as const).map((field) => (
            <span key={field}>
              <span className="text-soft">{field} </span>
              <Amount minor={total[field]} currency={total.currency} signed />
            </span>
          ))}
          <span className="text-soft text-xs">
            {total.currency}, SCAYLE − ERP{period ? ` in ${period}` : ""}
          </span>
        </p>
      ))}
    </div>
  );
}
