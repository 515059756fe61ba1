"use client";

import { ChevronDown, ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { cx } from "@/components/ui/class-names";
import { EmptyState } from "@/components/ui/empty-state";
import { withParams } from "@/components/ui/search-params";
import type { ExceptionsView } from "@/lib/exceptions/loaders";
import { countOf, type ExceptionGroup } from "@/lib/exceptions/schema";
import { Sums } from "../sums";
import { countedText } from "./counted";
import { groupPlace } from "./group-places";

const words: Readonly<Record<ExceptionGroup, string>> = {
  cause: "cause",
  rootCause: "root cause",
  owner: "owner",
  shop: "shop",
  age: "age",
};

/**
 * The groups of the queue with count and sums, one of them expanded: its rows are the children. The address says which. Keys go
 * over groups as over rows (`data-row-id`), and open them by the same link.
 */
export function GroupsList({
  group,
  groups,
  expanded,
  further,
  currentId,
  children,
}: Readonly<{
  group: ExceptionGroup;
  groups: NonNullable<ExceptionsView["groups"]>;
  expanded: string | undefined;
  /** how many groups with fewer exceptions are not shown */
  further: number;
  /** the row or group that keys act on */
  currentId: string | undefined;
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
          const place = groupPlace(key);
          const Icon = isOpen ? ChevronDown : ChevronRight;
          return (
            <li key={key} className="border-line border-b last:border-b-0">
              <div
                data-row-id={place}
                aria-current={place === currentId || undefined}
                className="-outline-offset-2 outline-accent aria-[current]:outline-2"
              >
                <Link
                  href={
                    `/exceptions${withParams(params, { expanded: isOpen ? null : key, selected: null })}` as Route
                  }
                  scroll={false}
                  prefetch={false}
                  data-open
                  aria-expanded={isOpen}
                  className={cx(
                    "fade flex min-h-(--row) flex-wrap items-center gap-x-4 gap-y-1 px-4 py-1.5 text-sm hover:bg-hover",
                    isOpen && "bg-sunken",
                  )}
                >
                  <span className="flex min-w-56 flex-1 items-center gap-2 font-medium">
                    <Icon aria-hidden size={14} className="shrink-0" />
                    {label}
                  </span>
                  <span className="figures min-w-28 text-right font-medium">
                    {countedText(countOf(totals))}
                  </span>
                  <span className="flex flex-col gap-y-0.5">
                    {totals.map((total) => (
                      <span
                        key={total.currency}
                        className="figures flex flex-wrap justify-end gap-x-3 max-md:justify-start"
                      >
                        <Sums total={total} />
                      </span>
                    ))}
                  </span>
                </Link>
              </div>
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
