import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";

/** The address of what made a side's total of the month what it is. */
export type WhyOf = (side: "scayle" | "erp", figure: "net" | "tax" | "gross") => string;

/** A total that opens what made it, where that is kept. `name`: the total's, for those who hear the link alone. */
export function WhyLink({
  href,
  name,
  children,
}: Readonly<{ href: string | undefined; name: string; children: ReactNode }>) {
  if (href === undefined) return children;
  return (
    <Link
      href={href as Route}
      className="underline decoration-line-strong decoration-dotted underline-offset-4 hover:decoration-solid"
    >
      {children}
      <span className="sr-only">, why it moved: {name}, all</span>
    </Link>
  );
}
