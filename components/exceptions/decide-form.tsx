"use client";

import { useRouter } from "next/navigation";
import { DecisionForm } from "@/components/ui/decision-form";
import { useCommand } from "@/components/ui/use-command";
import { decide } from "@/lib/exceptions/actions";

/** Approves or rejects what somebody else wants accepted; a no says why. */
export function DecideForm({
  id,
  entityId,
  requestId,
}: Readonly<{ id: string; entityId: string; requestId: string }>) {
  const router = useRouter();
  const command = useCommand(decide, {
    done: ({ approved }) => (approved ? "Approved: it is accepted." : "Rejected. Whoever asked sees why."),
    onDone: () => router.refresh(),
  });
  return <DecisionForm label="Decide on the acceptance" command={command} of={{ id, entityId, requestId }} />;
}
