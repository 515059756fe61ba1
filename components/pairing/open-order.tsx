import type { Route } from "next";
import Link from "next/link";

/** A link to the page of a group; its name alone where the group is no longer there. */
export function OpenOrder({ orderKey, children }: Readonly<{ orderKey: string | null; children: string }>) {
  if (orderKey === null) return children;
  return (
    <Link
      href={`/orders/${orderKey}` as Route}
      className="underline decoration-line-strong underline-offset-4"
    >
      {children}
    </Link>
  );
}
