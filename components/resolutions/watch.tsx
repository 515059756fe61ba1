"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";

const POLL_MILLISECONDS = 1500;

/** Reads the page again and again while something is at work, so that its steps are seen as they are made. */
export function Watch({ active }: Readonly<{ active: boolean }>) {
  const router = useRouter();
  // The work is on the server; reading the page again is how the browser learns of it.
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => router.refresh(), POLL_MILLISECONDS);
    return () => clearInterval(timer);
  }, [active, router]);
  return null;
}
