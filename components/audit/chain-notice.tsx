import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { Check } from "@/lib/audit/checks";
import { VerifyButton } from "./verify-button";

/** Whether the trail that is shown is the trail that was written, as of when it was last recomputed. */
export function ChainNotice({
  check,
  chain,
  timeZone,
}: Readonly<{ check: Check | null; chain: string; timeZone: string }>) {
  const action = <VerifyButton chain={chain} />;
  if (!check) {
    return (
      <Message title="This chain has not been recomputed yet." action={action}>
        Each event carries the hash of the one before it. All chains are recomputed every night.
      </Message>
    );
  }
  const { state, at, by } = check;
  const when = (
    <>
      Recomputed <Instant at={at} timeZone={timeZone} /> by {by}.
    </>
  );
  if (!state.intact) {
    return (
      <Message tone="broken" title={`The chain is broken at event ${state.brokenAt}`} action={action}>
        {state.why} Everything before it holds. The database was changed by somebody who is not this
        application: tell whoever runs it, and keep a copy of the database as it is. {when}
      </Message>
    );
  }
  return (
    <Message
      tone="agrees"
      title={`The chain held: ${state.events.toLocaleString("en")} events`}
      action={action}
    >
      {when} Each event carries the hash of the one before it. Last hash{" "}
      <code className="font-mono">{state.head.slice(0, 16)}…</code>
    </Message>
  );
}
