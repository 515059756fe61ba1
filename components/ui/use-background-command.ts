"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { showToast } from "./toast-store";
import { useCommand } from "./use-command";

/** The newest run of what a command starts, as the page last read it. */
export type LatestRun = Readonly<{ id: string; state: string; error: string | null }> | null;

const POLL_MILLISECONDS = 1500;
/** How often the page is read again after the last run ended: another may follow it. */
const POLLS_AFTER = 3;
const POLLS_UNTIL_STARTED = 20;

/**
 * A command whose work goes on in the background. While a run of it goes on, the page is read again and again, and its
 * end is said aloud.
 */
export function useBackgroundCommand<Input, Data>({
  action,
  label,
  latest,
  onStarted,
}: Readonly<{
  action: Parameters<typeof useCommand<Input, Data>>[0];
  /** what the sentence at its end calls it */
  label: string;
  latest: LatestRun;
  onStarted?: () => void;
}>): Readonly<{ run: (input: Input) => void; busy: boolean; error: string | null }> {
  const router = useRouter();
  const latestId = latest?.id ?? "none";
  const [pressedAt, setPressedAt] = useState<string | null>(null);
  const command = useCommand(action, {
    onDone: () => {
      setPressedAt(latestId);
      onStarted?.();
    },
  });
  const starting = pressedAt !== null && pressedAt === latestId;
  const busy = command.pending || starting || latest?.state === "running";
  const [watching, setWatching] = useState(false);
  const polls = useRef(0);

  if (busy && !watching) setWatching(true);

  // What the run does happens on the server; reading the page again is how the browser learns of it.
  useEffect(() => {
    if (!watching) return;
    polls.current = 0;
    const timer = setInterval(() => {
      polls.current += 1;
      router.refresh();
      if (starting && polls.current > POLLS_UNTIL_STARTED) setPressedAt(null);
      if (!busy && polls.current > POLLS_AFTER) {
        setWatching(false);
        setPressedAt(null);
        if (latest?.state === "failed") {
          showToast({ tone: "broken", text: latest.error ?? `${label} failed.` });
        } else showToast({ tone: "agrees", text: `${label}: done. The page shows the new state.` });
      }
    }, POLL_MILLISECONDS);
    return () => clearInterval(timer);
  }, [watching, busy, starting, label, latest?.state, latest?.error, router]);

  return { run: command.run, busy, error: command.error };
}
