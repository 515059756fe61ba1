"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { undoPlace, unpair } from "@/lib/pairing/actions";
import { movedTo } from "./moved";

/** Takes back where a person put a document. `label` says of what, for who can't see the row. */
export function UndoPlaceButton({
  entityId,
  id,
  orderKey,
  label,
}: Readonly<{ entityId: string; id: string; orderKey: string | null; label: string }>) {
  const router = useRouter();
  const command = useCommand(undoPlace, {
    done: "Undone: the document is where its reference says.",
    onDone: (outcome) => movedTo(router, orderKey ?? outcome.orderKey, outcome.orderKey),
  });
  return <Undo command={command} run={() => command.run({ entityId, id })} label={label} />;
}

/** Takes a pair of lines back that a person made. */
export function UndoPairButton({
  entityId,
  orderKey,
  pairId,
  label,
}: Readonly<{ entityId: string; orderKey: string; pairId: string; label: string }>) {
  const router = useRouter();
  const command = useCommand(unpair, {
    done: "Undone: the lines pair by their items.",
    onDone: () => router.refresh(),
  });
  return <Undo command={command} run={() => command.run({ entityId, orderKey, pairId })} label={label} />;
}

function Undo({
  command,
  run,
  label,
}: Readonly<{
  command: Readonly<{ pending: boolean; error: string | null }>;
  run: () => void;
  label: string;
}>) {
  return (
    <span className="inline-flex flex-col items-start gap-1">
      <Button pending={command.pending} onClick={run} aria-label={`Undo: ${label}`}>
        Undo
      </Button>
      {command.error && <Message tone="broken">{command.error}</Message>}
    </span>
  );
}
