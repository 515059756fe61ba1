"use client";

import { RotateCcw } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { openAgain } from "@/lib/exceptions/actions";

/** Opens an accepted exception again, with a reason that stays in its history and the trail. */
export function ReopenForm({
  exception: { id, entityId, version },
}: Readonly<{ exception: Readonly<{ id: string; entityId: string; version: number }> }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const command = useCommand(openAgain, {
    done: "It is open again.",
    onDone: () => {
      setOpen(false);
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get("reason") ?? "");
    command.run({ id, entityId, version, reason });
  };
  if (!open) {
    return (
      <Button icon={<RotateCcw aria-hidden size={14} />} onClick={() => setOpen(true)}>
        Open again…
      </Button>
    );
  }
  return (
    <form onSubmit={submit} noValidate className="flex w-full max-w-prose flex-col gap-2">
      <TextareaField
        label="Why it is opened again"
        name="reason"
        required
        maxLength={1000}
        error={command.fieldErrors["reason"] ?? command.error ?? undefined}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={command.pending}>
          Open again
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
