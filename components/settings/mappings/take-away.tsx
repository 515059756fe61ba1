"use client";

import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { useCommand } from "@/components/ui/use-command";
import { askForChange } from "@/lib/mappings/actions";
import { requestPath } from "../change/words";

/** Asks that an ERP item or account stands for nothing else any more. */
export function TakeAway({
  entityId,
  erpKind,
  erpItem,
  erpVariant,
  begins,
}: Readonly<{
  entityId: string;
  erpKind: "item" | "account";
  erpItem: string;
  erpVariant: string;
  /** the first day of the row, or "beginning" */
  begins: string;
}>) {
  const router = useRouter();
  const { run, pending } = useCommand(askForChange, {
    onDone: ({ id }) => router.push(requestPath(entityId, id)),
  });
  const change = { kind: "item-gone", erpKind, erpItem, erpVariant, begins } as const;
  return (
    <Button
      variant="quiet"
      pending={pending}
      aria-label={`Take away… the mapping of ${erpItem} ${erpVariant}`.trim()}
      onClick={() => run({ entityId, changes: [change], source: "change" })}
    >
      Take away…
    </Button>
  );
}
