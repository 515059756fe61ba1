"use client";

import { useRouter } from "next/navigation";
import { StopResume } from "@/components/ui/stop-resume";
import { useCommand } from "@/components/ui/use-command";
import { resumeMany, stopMany } from "@/lib/resolutions/actions";

/** Stops many resolutions, or lets them go on with those that were not sent. */
export function BatchControls({
  entityId,
  id,
  state,
  stopAsked,
}: Readonly<{ entityId: string; id: string; state: string; stopAsked: boolean }>) {
  const router = useRouter();
  const onDone = () => router.refresh();
  const stop = useCommand(stopMany, { done: "It stops after those that are at work.", onDone });
  const resume = useCommand(resumeMany, { done: "It goes on with those that were not sent.", onDone });
  return (
    <StopResume
      state={state}
      stopAsked={stopAsked}
      stop={{ ...stop, ask: () => stop.run({ entityId, id }) }}
      resume={{ ...resume, ask: () => resume.run({ entityId, id }) }}
    />
  );
}
