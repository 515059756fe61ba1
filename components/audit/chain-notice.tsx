import { Message } from "@/components/ui/message";
import type { ChainState } from "@/lib/audit/verify";

/** Whether the trail that is shown is the trail that was written. */
export function ChainNotice({ state }: Readonly<{ state: ChainState }>) {
  if (!state.intact) {
    return (
      <Message tone="broken" title={`The chain is broken at event ${state.brokenAt}`}>
        {state.why} Everything before it holds. The database was changed by somebody who is not this
        application: tell whoever runs it, and keep a copy of the database as it is.
      </Message>
    );
  }
  return (
    <Message
      tone="agrees"
      title={`The chain holds: ${state.events.toLocaleString("en")} events, recomputed just now`}
    >
      Each event carries the hash of the one before it. Last hash{" "}
      <code className="font-mono">{state.head.slice(0, 16)}…</code>
    </Message>
  );
}
