"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { DecisionForm } from "@/components/ui/decision-form";
import { Message } from "@/components/ui/message";
import { type Command, useCommand } from "@/components/ui/use-command";
import { cancel, decide, decideMany, look, renew, undo } from "@/lib/resolutions/actions";
import type { UndoResolution } from "@/lib/resolutions/schema";

type One = Readonly<{ entityId: string; id: string }>;

/** What can be done with a resolution that is begun: look at it now, plan it anew, withdraw it. */
export function AttemptControls({
  entityId,
  id,
  may,
}: One & Readonly<{ may: Readonly<{ cancel: boolean; renew: boolean; look: boolean }> }>) {
  const router = useRouter();
  const onDone = () => router.refresh();
  const looking = useCommand(look, { done: "It is read again now.", onDone });
  const renewing = useCommand(renew, { done: "Planned anew: this is what would be sent now.", onDone });
  const cancelling = useCommand(cancel, { done: "Withdrawn. Nothing was sent.", onDone });
  const all: readonly (readonly [boolean, string, Command<One>])[] = [
    [may.look, "Read it back now", looking],
    [may.renew, "Plan it anew", renewing],
    [may.cancel, "Withdraw", cancelling],
  ];
  const shown = all.filter(([can]) => can);
  const error = all.map(([, , { error: said }]) => said).find((said) => said !== null);
  if (shown.length === 0) return null;
  return (
    <div className="flex flex-col items-start gap-2">
      <div className="flex flex-wrap gap-2">
        {shown.map(([, label, command]) => (
          <Button key={label} pending={command.pending} onClick={() => command.run({ entityId, id })}>
            {label}
          </Button>
        ))}
      </div>
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
    </div>
  );
}

/** Takes back what a resolution posted, by what is shown: something else is refused. */
export function UndoButton({ input, asks }: Readonly<{ input: UndoResolution; asks: boolean }>) {
  const router = useRouter();
  const command = useCommand(undo, {
    done: ({ state }) =>
      state === "asked"
        ? "Asked. Somebody else decides."
        : state === "instructed"
          ? "Noted: it is done by hand, and its effect is watched for."
          : "Begun: the ERP takes it back.",
    onDone: () => router.refresh(),
  });
  return (
    <div className="flex flex-col items-start gap-2">
      <Button variant="danger" pending={command.pending} onClick={() => command.run(input)}>
        {asks ? "Ask to take it back in the ERP" : "Take it back in the ERP"}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
    </div>
  );
}

/** Approves or rejects what somebody else wants to send, one or many; a no says why. */
export function DecideSending({ entityId, id, many = false }: One & Readonly<{ many?: boolean }>) {
  const router = useRouter();
  const command = useCommand(many ? decideMany : decide, {
    done: ({ approved }) => (approved ? "Approved: it is sent." : "Rejected. Whoever asked sees why."),
    onDone: () => router.refresh(),
  });
  return (
    <DecisionForm
      label="Decide on what is sent"
      approve="Approve and send"
      command={command}
      of={{ entityId, id }}
    />
  );
}
