"use client";

import { Send } from "lucide-react";
import { useRouter } from "next/navigation";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { start } from "@/lib/resolutions/actions";

/** Sends what is shown, as it is shown: something else is refused. */
export function StartButton({
  entityId,
  exceptionId,
  code,
  basis,
  label,
}: Readonly<{ entityId: string; exceptionId: string; code: string; basis: string; label: string }>) {
  const router = useRouter();
  const command = useCommand(start, {
    done: ({ state }) =>
      state === "asked"
        ? "Asked. Somebody else decides."
        : state === "instructed"
          ? "Noted: it is done by hand, and its effect is watched for."
          : "Begun. What is done is shown here step by step.",
    onDone: () => router.refresh(),
  });
  return (
    <div className="flex flex-col items-start gap-2">
      <Button
        variant="primary"
        icon={<Send aria-hidden size={14} />}
        pending={command.pending}
        onClick={() => command.run({ entityId, exceptionId, code, basis })}
      >
        {label}
      </Button>
      {command.error && (
        <Message tone="broken" live>
          {command.error}
        </Message>
      )}
    </div>
  );
}
