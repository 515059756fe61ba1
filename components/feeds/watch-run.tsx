"use client";

import { useRouter } from "next/navigation";
import { useEffect } from "react";
import { Message } from "@/components/ui/message";

const POLL_MILLISECONDS = 1500;

const WORDS: Readonly<Record<string, string>> = {
  waiting: "It waits for its turn and has not begun; this page shows when it does.",
  running: "It is running; the counts below move by themselves.",
};

/** Reads the page again and again while its run waits or goes on, so that what it shows is live. */
export function WatchRun({ state }: Readonly<{ state: string }>) {
  const words = WORDS[state];
  const router = useRouter();
  // The run is on the server; reading the page again is how the browser learns of it.
  useEffect(() => {
    if (words === undefined) return;
    const timer = setInterval(() => router.refresh(), POLL_MILLISECONDS);
    return () => clearInterval(timer);
  }, [words, router]);
  return <div aria-live="polite">{words !== undefined && <Message tone="explained">{words}</Message>}</div>;
}
