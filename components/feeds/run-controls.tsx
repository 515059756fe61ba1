"use client";

import { useRouter } from "next/navigation";
import { StopResume } from "@/components/ui/stop-resume";
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
  return (
    <StopResume
      state={state}
      stopAsked={stopAsked}
      stop={{ ...stop, ask: () => stop.run({ entityId, runId }) }}
      resume={{ ...resume, ask: () => resume.run({ entityId, runId }) }}
    />
  );
}
