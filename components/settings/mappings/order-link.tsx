import type { Route } from "next";
import Link from "next/link";

/** Leads to an order by its reference. */
export const OrderLink = ({ order }: Readonly<{ order: string }>) => (
  <Link
    href={`/orders?q=${encodeURIComponent(order)}` as Route}
    className="inline-flex min-h-[24px] items-center text-accent underline"
  >
    {order}
  </Link>
);
