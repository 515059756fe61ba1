"use client";

import { Bell } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { cx } from "@/components/ui/class-names";

/** A page that was left and come back to asks again, at most so often. */
const AGAIN_MILLISECONDS = 15_000;

/** Leads to the alerts and says how many of them nobody looks after yet. Asks again as one goes on or comes back. */
export function AlertBell({ count: first }: Readonly<{ count: number }>) {
  const pathname = usePathname();
  const [count, setCount] = useState(first);
  const askedAt = useRef(0);
  useEffect(() => {
    const ask = async () => {
      if (document.hidden || Date.now() - askedAt.current < AGAIN_MILLISECONDS) return;
      askedAt.current = Date.now();
      const now = await countNow();
      if (now !== null) setCount(now);
    };
    // Among the alerts themselves what somebody just acknowledged shows at once.
    if (pathname === "/alerts") askedAt.current = 0;
    void ask();
    document.addEventListener("visibilitychange", ask);
    return () => document.removeEventListener("visibilitychange", ask);
  }, [pathname]);
  // The page that was just read knows it better.
  useEffect(() => setCount(first), [first]);
  const words = count === 0 ? "Alerts, none waits" : `Alerts, ${count.toLocaleString("en")} to look at`;
  return (
    <Link
      href={"/alerts" as Route}
      aria-label={words}
      title={words}
      aria-current={pathname === "/alerts" ? "page" : undefined}
      className={cx(
        "fade relative inline-flex size-[32px] items-center justify-center rounded-md hover:bg-hover max-md:size-[40px]",
        pathname === "/alerts" ? "bg-selected text-ink" : "text-soft",
      )}
    >
      <Bell aria-hidden size={18} />
      {count > 0 && (
        <span
          aria-hidden
          className="figures absolute -top-0.5 left-1/2 max-md:top-0.5 min-w-[16px] rounded-full bg-broken px-1 text-center font-semibold text-[10px] text-canvas leading-[16px]"
        >
          {count > 99 ? "99+" : count}
        </span>
      )}
    </Link>
  );
}

async function countNow(): Promise<number | null> {
  try {
    const answer = await fetch("/api/alerts/count");
    if (!answer.ok) return null;
    const { count }: { count: number | null } = await answer.json();
    return count;
  } catch {
    return null;
  }
}
