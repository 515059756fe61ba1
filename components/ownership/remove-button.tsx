"use client";

import { X } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { removeDay, removeOwner } from "@/lib/ownership/actions";

/** Takes a row of the ownership table away; `what` names it for people who hear the page. */
export function RemoveOwner({ id, what }: Readonly<{ id: string; what: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(removeOwner, {
    done: "Removed. The next less specific row counts.",
    onDone: () => router.refresh(),
  });
  return (
    <Button
      variant="quiet"
      pending={pending}
      onClick={() => run({ id })}
      aria-label={`Remove the owner of ${what}`}
    >
      <X aria-hidden size={14} className="sm:hidden" />
      <span className="max-sm:hidden">Remove</span>
    </Button>
  );
}

/** Takes an entered day away. */
export function RemoveDay({ id, entityId, what }: Readonly<{ id: string; entityId: string; what: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(removeDay, { done: "Removed.", onDone: () => router.refresh() });
  return (
    <Button
      variant="quiet"
      pending={pending}
      onClick={() => run({ id, entityId })}
      aria-label={`Remove ${what}`}
    >
      <X aria-hidden size={14} className="sm:hidden" />
      <span className="max-sm:hidden">Remove</span>
    </Button>
  );
}
