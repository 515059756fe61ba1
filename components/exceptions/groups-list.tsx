"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { amountText } from "@/components/ui/amount";
import { EmptyState } from "@/components/ui/empty-state";
import { withParams } from "@/components/ui/search-params";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import type { ExceptionGroup } from "@/lib/exceptions/schema";

const words: Readonly<Record<ExceptionGroup, string>> = {
  cause: "cause",
  rootCause: "root cause",
  owner: "owner",
  shop: "shop",
  age: "age",
};

/** The groups of the queue with count and sums, one of them expanded: its rows are the children. The address says which. */
export function GroupsList({
  group,
  groups,
  expanded,
  further,
  children,
}: Readonly<{
  group: ExceptionGroup;
  groups: NonNullable<ExceptionsView["groups"]>;
  expanded: string | undefined;
  /** how many groups with fewer exceptions are not shown */
  further: number;
  children: ReactNode;
}>) {
  const params = useSearchParams();
  if (groups.length === 0) {
    return <EmptyState title="No exception fits.">Change the filters to see others.</EmptyState>;
  }
  return (
    <>
      <ul aria-label={`Exceptions by ${words[group]}`} className="flex flex-col">
        {groups.map(({ key, label, totals }) => {
          const isOpen = key === expanded;
          const count = totals.reduce((sum, total) => sum + total.count, 0);
          const Icon = isOpen ? ChevronDown : ChevronRight;
          return (
            <li key={key} className="border-line border-b last:border-b-0">
              <Link
                href={
                  `/exceptions${withParams(params, { expanded: isOpen ? null : key, selected: null })}` as Route
                }
                scroll={false}
                aria-expanded={isOpen}
                className="fade flex min-h-(--row) flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2 text-sm hover:bg-hover"
              >
                <span className="flex min-w-56 flex-1 items-center gap-2 font-medium">
                  <Icon aria-hidden size={14} />
                  {label}
                </span>
                <span className="figures w-28 text-right">
                  {count === 1 ? "1 exception" : `${count.toLocaleString("en")} exceptions`}
                </span>
                <span className="flex flex-col">
                  {totals.map((total) => (
                    <span key={total.currency} className="figures w-72 text-right max-md:w-auto">
                      gross {amountText(total.gross, total.currency, true)}, tax{" "}
                      {amountText(total.tax, total.currency, true)}{" "}
                      <span className="text-soft">{total.currency}</span>
                    </span>
                  ))}
                </span>
              </Link>
              {isOpen && <div className="border-line border-t">{children}</div>}
            </li>
          );
        })}
      </ul>
      {further > 0 && (
        <p className="border-line border-t px-4 py-2 text-soft text-sm">
          {further.toLocaleString("en")} further groups with fewer exceptions are not shown. Set filters to
          see them.
        </p>
      )}
    </>
  );
}
