"use client";

import { RotateCw } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { resync } from "@/lib/orders/actions";

type Outcome = Readonly<{
  orderKey: string;
  changes: readonly string[];
  problems: readonly string[];
  joined: boolean;
}>;

/** Reads the order (or the ERP document that has none) again from both systems and reconciles it; says what that changed. */
export function ResyncButton({
  entityId,
  orderKey,
  isStray = false,
}: Readonly<{
  entityId: string;
  orderKey: string;
  /** An ERP document without an order: reading it again is not what it needs first. */
  isStray?: boolean;
}>) {
  const router = useRouter();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  const command = useCommand(resync, {
    done: ({ changes: found, joined }) =>
      joined
        ? "Somebody read it again at the same moment; the page shows what came of it."
        : found.length === 0
          ? "Read again: nothing changed."
          : `Read again: ${countOf(found.length)}.`,
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
        variant={isStray ? "secondary" : "primary"}
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
      {outcome && !command.error && <Found outcome={outcome} />}
    </div>
  );
}

const countOf = (count: number): string => (count === 1 ? "1 change" : `${count} changes`);

function Found({ outcome: { changes, problems, joined } }: Readonly<{ outcome: Outcome }>) {
  if (joined) return <Message tone="explained" live title="Somebody read it again at the same moment" />;
  return (
    <>
      {problems.length > 0 && (
        <Message tone="broken" live title="Not everything could be read">
          <List items={problems} />
        </Message>
      )}
      {changes.length === 0 ? (
        <Message tone="agrees" live title="Nothing changed" />
      ) : (
        <Message tone="explained" live title="What changed">
          <List items={changes} />
        </Message>
      )}
    </>
  );
}

function List({ items }: Readonly<{ items: readonly string[] }>) {
  return (
    <ul className="list-inside list-disc">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
