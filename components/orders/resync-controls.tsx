"use client";

import { useRouter } from "next/navigation";
import { StopResume } from "@/components/ui/stop-resume";
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
  return (
    <StopResume
      state={state}
      stopAsked={stopAsked}
      stop={{ ...stop, ask: () => stop.run({ entityId, runId }) }}
      resume={{ ...resume, ask: () => resume.run({ entityId, runId }) }}
    />
  );
}
