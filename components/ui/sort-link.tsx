"use client";

import { ArrowDown, ArrowUp, ArrowUpDown } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import type { ReactNode } from "react";
import { cx } from "./class-names";
import { withParams } from "./search-params";

/** A column heading that sorts: descending first, then ascending. The first page is shown again. */
export function SortLink({
  name,
  direction,
  align,
  children,
}: Readonly<{
  name: string;
  direction: "ascending" | "descending" | null;
  align: "start" | "end";
  children: ReactNode;
}>) {
  const pathname = usePathname();
  const params = useSearchParams();
  const next = direction === "descending" ? name : `-${name}`;
  const Icon = direction === null ? ArrowUpDown : direction === "ascending" ? ArrowUp : ArrowDown;
  return (
    <Link
      href={`${pathname}${withParams(params, { sort: next, page: null })}` as Route}
      scroll={false}
      className={cx(
        "fade inline-flex items-center gap-1 hover:text-ink",
        align === "end" && "flex-row-reverse",
        direction !== null && "text-ink",
      )}
    >
      {children}
      <Icon aria-hidden size={12} className={cx(direction === null && "opacity-50")} />
    </Link>
  );
}
