"use client";

import { ChevronLeft, ChevronRight } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { withParams } from "./search-params";

const step = "fade inline-flex h-8 max-md:h-10 items-center gap-1 rounded-md px-2 font-medium text-sm";

/** Which rows are shown of how many, and the way to the others. `page` counts from 1 and lives in the address. */
export function Pagination({
  page,
  pageSize,
  total,
}: Readonly<{ page: number; pageSize: number; total: number }>) {
  const last = Math.max(1, Math.ceil(total / pageSize));
  const from = total === 0 ? 0 : (page - 1) * pageSize + 1;
  return (
    <nav aria-label="Pages" className="flex items-center justify-between gap-4 px-3 py-2 text-sm">
      <p className="figures text-soft">
        {from.toLocaleString("en")}–{Math.min(page * pageSize, total).toLocaleString("en")} of{" "}
        {total.toLocaleString("en")}
      </p>
      <div className="flex items-center gap-1">
        <Step to={page - 1} enabled={page > 1}>
          <ChevronLeft aria-hidden size={14} /> Previous
        </Step>
        <span className="figures px-2 text-soft">
          Page {page} of {last}
        </span>
        <Step to={page + 1} enabled={page < last}>
          Next <ChevronRight aria-hidden size={14} />
        </Step>
      </div>
    </nav>
  );
}

function Step({ to, enabled, children }: Readonly<{ to: number; enabled: boolean; children: ReactNode }>) {
  const pathname = usePathname();
  const params = useSearchParams();
  if (!enabled) {
    return (
      <span aria-disabled className={`${step} text-soft opacity-60`}>
        {children}
      </span>
    );
  }
  const query = withParams(params, { page: to === 1 ? null : String(to) });
  return (
    <Link href={`${pathname}${query}` as Route} className={`${step} text-ink hover:bg-hover`}>
      {children}
    </Link>
  );
}
