"use client";

import { CircleStop, Play } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resumeResync, stopResync } from "@/lib/orders/actions";

/** Stops the reading of many orders, or lets it go on with those that wait. */
export function ResyncControls({
  entityId,
  runId,
  state,
  stopAsked,
}: Readonly<{ entityId: string; runId: string; state: string; stopAsked: boolean }>) {
  const router = useRouter();
  const onDone = () => router.refresh();
  const stop = useCommand(stopResync, { done: "It stops after the orders that it is at.", onDone });
  const resume = useCommand(resumeResync, { done: "It goes on with the orders that wait.", onDone });
  const error = stop.error ?? resume.error;
  return (
    <>
      {(state === "running" || state === "waiting") && (
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
      {(state === "stopped" || state === "failed") && (
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
