"use client";

import { CircleStop, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resumeRun, stopRun } from "@/lib/sync/actions";

/** Stops a run that goes on or waits; lets one that was stopped or failed go on. */
export function RunControls({
  entityId,
  runId,
  state,
  stopAsked,
}: Readonly<{ entityId: string; runId: string; state: string; stopAsked: boolean }>) {
  const router = useRouter();
  const onDone = () => router.refresh();
  const stop = useCommand(stopRun, { done: "It stops after the page that it is at.", onDone });
  const resume = useCommand(resumeRun, { done: "It goes on where it was.", onDone });
  const error = stop.error ?? resume.error;
  const isOpen = state === "running" || state === "waiting";
  const isBroken = state === "stopped" || state === "failed";
  return (
    <>
      {isOpen && (
        <Button
          variant="danger"
          icon={<CircleStop aria-hidden size={14} />}
          pending={stop.pending}
          disabled={stopAsked}
          onClick={() => stop.run({ entityId, runId })}
        >
          {stopAsked ? "Stopping…" : "Stop"}
        </Button>
      )}
      {isBroken && (
        <Button
          variant="primary"
          icon={<Play aria-hidden size={14} />}
          pending={resume.pending}
          onClick={() => resume.run({ entityId, runId })}
        >
          Resume
        </Button>
      )}
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
    </>
  );
}
