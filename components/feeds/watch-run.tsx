"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Message } from "@/components/ui/message";

const POLL_MILLISECONDS = 1500;

/** Reads the page again and again while its run goes on, so that its counts are live. */
export function WatchRun({ running }: Readonly<{ running: boolean }>) {
  const router = useRouter();
  // The run is on the server; reading the page again is how the browser learns of it.
  useEffect(() => {
    if (!running) return;
    const timer = setInterval(() => router.refresh(), POLL_MILLISECONDS);
    return () => clearInterval(timer);
  }, [running, router]);
  return (
    <div aria-live="polite">
      {running && <Message tone="explained">It is running; the counts below move by themselves.</Message>}
    </div>
  );
}
