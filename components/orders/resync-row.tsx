"use client";

import { RotateCw } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resync, resyncRecord } from "@/lib/orders/actions";
import type { Resync, ResyncRecord } from "@/lib/orders/schema";
import { type Resynced, ResyncOutcome, resyncSentence } from "./resync-outcome";

/**
 * The resync of one order (or of one record as its source names it) in a row of a list: one press, and what changed is
 * said beneath it.
 */
export function ResyncRow({ name, target }: Readonly<{ name: string; target: Resync | ResyncRecord }>) {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Resynced | null>(null);
  const command = useCommand(
    (input: Resync | ResyncRecord) => ("orderKey" in input ? resync(input) : resyncRecord(input)),
    {
      done: resyncSentence,
      onDone: (found) => {
        setOutcome(found);
        router.refresh();
      },
    },
  );
  return (
    <div className="flex min-w-0 flex-col items-start gap-1 max-md:items-end">
      <Button
        variant="quiet"
        aria-label={`Resync ${name}`}
        icon={<RotateCw aria-hidden size={14} />}
        pending={command.pending}
        onClick={() => command.run(target)}
      >
        {command.pending ? "Reading…" : "Resync"}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
      {outcome && !command.error && (
        <div className="max-w-md whitespace-normal text-left">
          <ResyncOutcome outcome={outcome} />
          {!("orderKey" in target) && (
            <Link href={`/orders/${outcome.orderKey}` as Route} className="text-accent underline">
              Open it
            </Link>
          )}
        </div>
      )}
    </div>
  );
}
