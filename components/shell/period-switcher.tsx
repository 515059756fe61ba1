"use client";

import type { Route } from "next";
import { useParams, usePathname, useRouter, useSearchParams } from "next/navigation";
import { useTransition } from "react";
import { withParams } from "@/components/ui/search-params";
import { type Month, monthName } from "@/lib/domain/day";
import { switcher } from "./switcher";

/** Which month is shown: in the path where the page is a month (/close/2026-10), else as `?period=`, with "all" too. */
export function PeriodSwitcher({
  periods,
  current,
}: Readonly<{ periods: readonly Month[]; current: Month | null }>) {
  const router = useRouter();
  const pathname = usePathname();
  const params = useSearchParams();
  const { period: named } = useParams();
  const inPath = typeof named === "string";
  const [pending, startTransition] = useTransition();
  const go = (period: string) =>
    startTransition(() => {
      const path = inPath ? pathname.replace(/\/\d{4}-\d{2}(?=\/|$)/, `/${period}`) : pathname;
      const query = withParams(params, {
        page: null,
        selected: null,
        ...(!inPath && { period: period || null }),
      });
      router.push(`${path}${query}` as Route);
    });
  const known = current === null || periods.includes(current) ? periods : [current, ...periods];
  return (
    <select
      aria-label="Period"
      aria-busy={pending || undefined}
      value={current ?? ""}
      onChange={(event) => go(event.target.value)}
      className={switcher}
    >
      {!inPath && <option value="">All months</option>}
      {known.map((month) => (
        <option key={month} value={month}>
          {monthName(month)}
        </option>
      ))}
    </select>
  );
}
