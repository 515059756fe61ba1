"use client";

import { X } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { askForRemoval, removeDay } from "@/lib/ownership/actions";

/** Asks that a row of the ownership table is taken away; `what` names it for people who hear the page. */
export function RemoveOwner({ id, what }: Readonly<{ id: string; what: string }>) {
  const router = useRouter();
  const { run, pending } = useCommand(askForRemoval, {
    onDone: (asked) => router.push(`/settings/ownership?request=${asked.id}` as Route),
  });
  return (
    <Button
      variant="quiet"
      pending={pending}
      onClick={() => run({ id })}
      aria-label={`Remove… the owner of ${what}`}
    >
      <X aria-hidden size={14} className="sm:hidden" />
      <span className="max-sm:hidden">Remove…</span>
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
