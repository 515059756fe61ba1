"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { askForChange } from "@/lib/mappings/actions";
import type { MappingChange } from "@/lib/mappings/schema";
import { requestPath } from "../change/words";

/** Asks that a row is taken away. */
export function TakeAway({
  entityId,
  change,
  what,
}: Readonly<{
  entityId: string;
  change: Extract<MappingChange, { kind: "item-gone" | "reference-gone" | "payment-gone" }>;
  /** what the row is about */
  what: string;
}>) {
  const router = useRouter();
  const { run, pending } = useCommand(askForChange, {
    onDone: ({ id }) => router.push(requestPath(entityId, id)),
  });
  return (
    <Button
      variant="quiet"
      pending={pending}
      aria-label={`Take away… the mapping of ${what}`}
      onClick={() => run({ entityId, changes: [change], source: "change" })}
    >
      Take away…
    </Button>
  );
}
