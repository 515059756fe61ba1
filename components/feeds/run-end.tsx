import { Message } from "@/components/ui/message";

/** Why a run ended before it was done; nothing where it did not. */
export function RunEnd({ state, error }: Readonly<{ state: string; error: string | null }>) {
  if (!error) return null;
  const wasStopped = state === "stopped";
  return (
    <Message tone={wasStopped ? "attention" : "broken"} title={wasStopped ? "It was stopped" : "It failed"}>
      {error}
    </Message>
  );
}
