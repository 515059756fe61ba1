"use client";

import type { Route } from "next";
import Link from "next/link";
import { useParams, usePathname, useSearchParams } from "next/navigation";
import { cx } from "@/components/ui/class-names";
import { BAR_PLACES, type Place, places } from "./navigation";

/** The places a person may go to, as links that keep entity and period. */
export function NavLinks({
  allowed,
  defaultPeriod,
  layout,
}: Readonly<{ allowed: readonly Place["key"][]; defaultPeriod: string; layout: "side" | "bottom" }>) {
  const pathname = usePathname();
  const hrefOf = useHref(defaultPeriod);
  const shown = places.filter(({ key }) => allowed.includes(key));
  const inBar = layout === "bottom";
  return (
    <ul className={inBar ? "flex justify-around" : "flex flex-col gap-0.5"}>
      {shown.slice(0, inBar ? BAR_PLACES : undefined).map(({ key, label, icon: Icon }) => {
        const current = pathname === `/${key}` || pathname.startsWith(`/${key}/`);
        return (
          <li key={key} className={inBar ? "flex-1" : undefined}>
            <Link
              href={hrefOf(key)}
              aria-current={current ? "page" : undefined}
              className={cx(
                "fade flex items-center rounded-md font-medium hover:bg-hover hover:text-ink",
                inBar ? "h-14 flex-col justify-center gap-1 text-xs" : "h-8 gap-2.5 px-2 text-sm",
                current ? "bg-selected text-ink" : "text-soft",
              )}
            >
              <Icon aria-hidden size={inBar ? 18 : 16} />
              {label}
            </Link>
          </li>
        );
      })}
    </ul>
  );
}

/** Addresses of the places, with the entity and the period that the present address names. */
export function useHref(defaultPeriod: string): (key: Place["key"]) => Route {
  const params = useSearchParams();
  const { period: inPath } = useParams();
  const period = typeof inPath === "string" ? inPath : params.get("period");
  const entity = params.get("entity");
  return (key) => {
    const query = new URLSearchParams(entity ? { entity } : {});
    if (key === "close") return `/close/${period ?? defaultPeriod}${textOf(query)}` as Route;
    if (key === "exceptions" && period) query.set("period", period);
    return `/${key}${key === "audit" || key === "settings" ? "" : textOf(query)}` as Route;
  };
}

const textOf = (query: URLSearchParams): string => (query.size === 0 ? "" : `?${query}`);
