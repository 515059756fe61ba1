"use client";

import { RotateCw } from "lucide-react";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resync } from "@/lib/orders/actions";

/** Reads the order again from both systems and reconciles it; says what that changed. */
export function ResyncButton({ entityId, orderKey }: Readonly<{ entityId: string; orderKey: string }>) {
  const router = useRouter();
  const [changes, setChanges] = useState<readonly string[] | null>(null);
  const command = useCommand(resync, {
    done: ({ changes: found }) =>
      found.length === 0 ? "Read again: everything was up to date." : `Read again: ${countOf(found.length)}.`,
    onDone: ({ changes: found }) => {
      setChanges(found);
      router.refresh();
    },
  });
  return (
    <div className="flex min-w-0 flex-col items-start gap-2">
      <Button
        variant="primary"
        icon={<RotateCw aria-hidden size={14} />}
        pending={command.pending}
        onClick={() => command.run({ entityId, orderKey })}
      >
        {command.pending ? "Reading both systems…" : "Resync this order"}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
      {changes && !command.error && (
        <Message
          tone={changes.length === 0 ? "agrees" : "explained"}
          live
          title={changes.length === 0 ? "Everything was up to date" : "What changed"}
        >
          {changes.length > 0 && (
            <ul className="list-inside list-disc">
              {changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          )}
        </Message>
      )}
    </div>
  );
}

const countOf = (count: number): string => (count === 1 ? "1 change" : `${count} changes`);
