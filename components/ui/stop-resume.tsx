import { CircleStop, Play } from "lucide-react";
import { Button } from "./button";
import { Message } from "./message";

/** One of the two things that can be asked of a run: how it stands, and how it is asked. */
type Asking = Readonly<{ pending: boolean; error: string | null; ask: () => void }>;

/** The buttons that stop a run that goes on or waits, and let one that was stopped or failed go on. */
export function StopResume({
  state,
  stopAsked,
  stop,
  resume,
}: Readonly<{ state: string; stopAsked: boolean; stop: Asking; resume: Asking }>) {
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
          onClick={stop.ask}
        >
          {stopAsked ? "Stopping…" : "Stop"}
        </Button>
      )}
      {isBroken && (
        <Button
          variant="primary"
          icon={<Play aria-hidden size={14} />}
          pending={resume.pending}
          onClick={resume.ask}
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
