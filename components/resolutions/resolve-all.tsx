"use client";

import { Send } from "lucide-react";
import type { Route } from "next";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { startMany } from "@/lib/resolutions/actions";
import type { StartBatch } from "@/lib/resolutions/schema";

/** Begins one resolution for many exceptions and leads to where its progress is seen. */
export function ResolveAll({ input, label }: Readonly<{ input: StartBatch; label: string }>) {
  const router = useRouter();
  const command = useCommand(startMany, {
    done: ({ count, state }) =>
      state === "asked"
        ? `Asked for ${count.toLocaleString("en")}. Somebody else decides.`
        : `${count.toLocaleString("en")} are sent, one after the other.`,
    onDone: ({ batchId }) => router.push(`/exceptions/resolutions/${batchId}` as Route),
  });
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        variant="primary"
        icon={<Send aria-hidden size={14} />}
        pending={command.pending}
        onClick={() => command.run(input)}
      >
        {command.pending ? "Planning each of them…" : label}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
    </div>
  );
}
