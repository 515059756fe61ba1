"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { useCommand } from "@/components/ui/use-command";
import { actOnMany, undo } from "@/lib/exceptions/actions";
import type { WhoMayWork } from "@/lib/exceptions/loaders";
import { HandOverForm } from "./people-forms";

const NOBODYS = { assigneeId: null, due: null, waitingOn: null };

/** Gives all open exceptions of one root cause to somebody, with a reason, as one act that can be taken back. */
export function HandOverMany({
  entityId,
  rootCause,
  count,
  owner,
  who,
}: Readonly<{ entityId: string; rootCause: string; count: number; owner: string; who: WhoMayWork }>) {
  const router = useRouter();
  const [isOpen, setOpen] = useState(false);
  const [operation, setOperation] = useState<string | null>(null);
  const command = useCommand(actOnMany, {
    done: ({ done, left }) =>
      `${done.toLocaleString("en")} handed over.${left > 0 ? ` ${left.toLocaleString("en")} have changed meanwhile and stay.` : ""}`,
    onDone: ({ operationId }) => {
      setOperation(operationId);
      setOpen(false);
      router.refresh();
    },
  });
  const takeBack = useCommand(undo, {
    done: ({ done }) => `${done.toLocaleString("en")} taken back.`,
    onDone: () => {
      setOperation(null);
      router.refresh();
    },
  });
  const all = count === 1 ? "its exception" : `all ${count.toLocaleString("en")}`;
  return (
    <Card title="Who acts">
      <div className="flex flex-col items-start gap-3">
        <p className="max-w-prose">
          Whoever gets it sees the exceptions in the own list, with your reason in each one’s history.
        </p>
        {isOpen ? (
          <div className="w-full max-w-xl">
            <HandOverForm
              exception={{ ...NOBODYS, ownerTeam: owner }}
              people={who.people}
              teams={who.teams}
              actorId={who.actorId}
              today={who.today}
              pending={command.pending}
              error={command.error}
              onSubmit={(act) =>
                command.run({ entityId, chosen: { filter: { rootCause, state: "open" } }, ...act })
              }
              onCancel={() => setOpen(false)}
            />
          </div>
        ) : (
          <div className="flex flex-wrap gap-2">
            <Button onClick={() => setOpen(true)}>Hand {all} over…</Button>
            {operation && (
              <Button
                variant="quiet"
                pending={takeBack.pending}
                onClick={() => takeBack.run({ entityId, operationId: operation })}
              >
                Take it back
              </Button>
            )}
          </div>
        )}
      </div>
    </Card>
  );
}
