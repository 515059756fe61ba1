"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { postInErp } from "@/lib/close/actions";

/** Shows what would be sent of an approved journal, and has it posted through a connection. */
export function PostJournalButton({
  entityId,
  id,
  number,
  way,
  withReversal,
}: Readonly<{
  entityId: string;
  id: string;
  number: number;
  way: Readonly<{
    connectionId: string;
    name: string;
    requests: readonly Readonly<{ does: string; method: string; path: string; body: unknown }>[];
    why: string | null;
  }>;
  /** whether a journal that takes it back goes with it */
  withReversal: boolean;
}>) {
  const router = useRouter();
  const [isShown, show] = useState(false);
  const { run, pending, error } = useCommand(postInErp, {
    done: ({ numbers }) =>
      numbers.length === 1
        ? `Journal ${numbers[0]} is on its way. Look again in a moment: it is read back from the ledger.`
        : `Journals ${numbers.join(" and ")} are on their way. Look again in a moment: they are read back from the ledger.`,
    onDone: () => router.refresh(),
  });
  if (way.why !== null)
    return (
      <p className="text-soft">
        {way.name}: {way.why}
      </p>
    );
  if (!isShown)
    return (
      <div>
        <Button onClick={() => show(true)} aria-label={`Post journal ${number} in ${way.name}…`}>
          Post in {way.name}…
        </Button>
      </div>
    );
  return (
    <section
      aria-label={`What is sent of journal ${number}`}
      className="flex flex-col gap-2 rounded-md border border-line bg-sunken p-3"
    >
      <p>
        This is sent to {way.name}, in this order. It counts once the last step is done; then it is read back
        from the ledger and held against what was approved.
        {withReversal && " The journal that takes it back next month is posted after it."}
      </p>
      <ol className="list-inside list-decimal">
        {way.requests.map((one) => (
          <li key={`${one.does} ${one.path}`}>{one.does}</li>
        ))}
      </ol>
      {withReversal && (
        <p>Then the same steps with the lines turned round, for the journal that takes it back.</p>
      )}
      <details>
        <summary className="w-fit cursor-pointer text-soft">Technical details</summary>
        <ol className="list-inside list-decimal pt-1">
          {way.requests.map((one) => (
            <li key={`${one.does} ${one.path}`}>
              <span className="break-all font-mono text-soft text-xs">
                {one.method} {one.path}
              </span>
              {one.body !== null && (
                <pre className="overflow-x-auto whitespace-pre-wrap break-all text-soft text-xs">
                  {JSON.stringify(one.body)}
                </pre>
              )}
            </li>
          ))}
        </ol>
      </details>
      {error && (
        <p role="alert" className="text-broken">
          {error}
        </p>
      )}
      <div className="flex gap-2">
        <Button
          variant="primary"
          pending={pending}
          onClick={() => run({ entityId, id, connectionId: way.connectionId })}
        >
          Post journal {String(number)}
        </Button>
        <Button onClick={() => show(false)}>Not now</Button>
      </div>
    </section>
  );
}
