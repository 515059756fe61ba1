"use client";

import { RotateCw } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resync } from "@/lib/orders/actions";
import { type Resynced, ResyncOutcome, resyncSentence } from "./resync-outcome";

/** Reads the order (or the ERP document that has none) again from both systems and reconciles it; says what that changed. */
export function ResyncButton({
  entityId,
  orderKey,
  isStray = false,
  isSecond = false,
}: Readonly<{
  entityId: string;
  orderKey: string;
  /** An ERP document without an order: reading it again is not what it needs first. */
  isStray?: boolean;
  /** Something else is suggested first. */
  isSecond?: boolean;
}>) {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Resynced | null>(null);
  const command = useCommand(resync, {
    done: resyncSentence,
    onDone: (found) => {
      setOutcome(found);
      // An ERP document that has found its order is on that order's page now.
      if (found.orderKey !== orderKey) router.push(`/orders/${found.orderKey}` as Route);
      else router.refresh();
    },
  });
  return (
    <div className="flex min-w-0 flex-col items-start gap-2">
      <Button
        variant={isStray || isSecond ? "secondary" : "primary"}
        icon={<RotateCw aria-hidden size={14} />}
        pending={command.pending}
        onClick={() => command.run({ entityId, orderKey })}
      >
        {command.pending ? "Reading both systems…" : isStray ? "Resync this document" : "Resync this order"}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
      {outcome && !command.error && <ResyncOutcome outcome={outcome} />}
    </div>
  );
}
