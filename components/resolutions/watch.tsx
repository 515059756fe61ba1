"use client";

import { useRouter } from "next/navigation";
import { useEffect, useTransition } from "react";

const POLL_MILLISECONDS = { work: 1_500, people: 10_000 } as const;

/**
 * Reads the page again and again while something is at work, so that its steps are seen as they are made; less often while
 * it waits on a person.
 */
export function Watch({
  active,
  waitsOn = "work",
}: Readonly<{ active: boolean; waitsOn?: "work" | "people" }>) {
  const router = useRouter();
  const [reading, read] = useTransition();
  // The work is on the server; reading the page again is how the browser learns of it. Not before it has read the last: the
  // same server does the work.
  useEffect(() => {
    if (!active || reading) return;
    const timer = setTimeout(() => read(() => router.refresh()), POLL_MILLISECONDS[waitsOn]);
    return () => clearTimeout(timer);
  }, [active, reading, waitsOn, router]);
  return null;
}
