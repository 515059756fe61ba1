import type { Route } from "next";
import Link from "next/link";
import { cx } from "./class-names";
import { Sideways } from "./sideways";

/** A view of the same page, each with an address of its own. */
export type Tab = Readonly<{ href: string; label: string; current: boolean; count?: number | string }>;

/** Views of one page as links; the address is the state. */
export function Tabs({ label, tabs }: Readonly<{ label: string; tabs: readonly Tab[] }>) {
  return (
    <Sideways label={label} current={tabs.find((tab) => tab.current)?.href ?? ""}>
      {tabs.map((tab) => (
        <Link
          key={tab.href}
          href={tab.href as Route}
          aria-current={tab.current ? "page" : undefined}
          className={cx(
            "fade flex h-9 items-center gap-1.5 border-b-2 px-3 font-medium text-sm whitespace-nowrap",
            tab.current ? "border-accent text-ink" : "border-transparent text-soft hover:text-ink",
          )}
        >
          {tab.label}
          {tab.count !== undefined && (
            <span className="figures text-soft text-xs">
              {typeof tab.count === "number" ? tab.count.toLocaleString("en") : tab.count}
            </span>
          )}
        </Link>
      ))}
    </Sideways>
  );
}
