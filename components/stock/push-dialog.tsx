"use client";

import { useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { ExpectedChanges } from "@/components/ui/expected-changes";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { foresee } from "@/lib/resolutions/actions";
import type { Foreseen } from "@/lib/resolutions/batches";
import type { StartBatch } from "@/lib/resolutions/schema";

const counted = (count: number): string => count.toLocaleString("en");

/** What a push of several items sends, to whom, what it is expected to change there and to close; then the button. */
export function PushDialog({
  input,
  pending,
  error,
  onPush,
  onClose,
}: Readonly<{
  input: StartBatch;
  pending: boolean;
  error: string | null;
  onPush: () => void;
  onClose: () => void;
}>) {
  const [foreseen, setForeseen] = useState<Foreseen | null>(null);
  const { run, error: failed } = useCommand(foresee, { onDone: setForeseen });
  const isAsked = useRef(false);
  useEffect(() => {
    if (isAsked.current) return;
    isAsked.current = true;
    run(input);
  }, [run, input]);
  const count = foreseen ? foreseen.sent + foreseen.byHand : 0;
  return (
    <Dialog title="Push the ERP’s stock to SCAYLE" onClose={onClose}>
      <div className="flex flex-col gap-4">
        {!foreseen && !failed && (
          <p role="status" className="text-soft">
            Planning each of them…
          </p>
        )}
        {(failed ?? error) && (
          <Message tone="broken" live>
            {failed ?? error}
          </Message>
        )}
        {foreseen && <Told foreseen={foreseen} count={count} />}
        <div className="flex gap-2">
          {count > 0 && (
            <Button variant="primary" pending={pending} onClick={onPush}>
              {foreseen?.second ? "Ask to push" : "Push"} {counted(count)} {count === 1 ? "item" : "items"}
            </Button>
          )}
          <Button variant="quiet" onClick={onClose}>
            Cancel
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function Told({ foreseen, count }: Readonly<{ foreseen: Foreseen; count: number }>) {
  const { expected, expecting, closing, leftOut, byHandWhy, second } = foreseen;
  return (
    <>
      <p>
        {count === 0
          ? "Nothing would be sent."
          : `SCAYLE is told of ${counted(count)} ${count === 1 ? "item" : "items"}, one after the other and each stamped with the time of the ERP’s snapshot. Expected to close: ${counted(closing)} ${closing === 1 ? "exception" : "exceptions"}.`}
      </p>
      {[...byHandWhy, ...leftOut].map(({ reason, count: some }) => (
        <p key={reason} className="text-sm text-soft">
          {counted(some)} {some === 1 ? "is" : "are"} not sent from here: {reason}
        </p>
      ))}
      {second && <p className="text-sm text-soft">{second}</p>}
      <ul aria-label="What is expected of each" className="flex flex-col gap-3">
        {expected.map((one) => (
          <li key={one.name}>
            <details open={expected.length === 1}>
              <summary className="cursor-pointer text-sm">
                {one.changes[0]?.what}: {one.changes[0]?.before} → {one.changes[0]?.after}
              </summary>
              <p className="my-1 text-sm">{one.sentence}</p>
              <ExpectedChanges
                name={one.name}
                changes={one.changes}
                readAt={<Instant at={new Date(one.readAt)} timeZone={one.timeZone} withZone />}
                closes={one.closes}
                besides={one.besides}
              />
            </details>
          </li>
        ))}
      </ul>
      {expecting > expected.length && (
        <p className="text-sm text-soft">And {counted(expecting - expected.length)} more in the same way.</p>
      )}
    </>
  );
}
