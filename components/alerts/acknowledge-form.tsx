"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { acknowledge } from "@/lib/alerts/actions";

/** Says that one looks after an alert, with a note for the others. */
export function AcknowledgeForm({
  entityId,
  id,
  title,
}: Readonly<{ entityId: string; id: string; title: string }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { run, pending, error, fieldErrors } = useCommand(acknowledge, {
    done: "It is yours; the others see that.",
    onDone: () => router.refresh(),
  });
  if (!open)
    return (
      <Button
        aria-label={`Acknowledge: ${title}`}
        icon={<Check aria-hidden size={14} />}
        onClick={() => setOpen(true)}
      >
        Acknowledge
      </Button>
    );
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ alerts: [{ entityId, id }], note: String(new FormData(event.currentTarget).get("note") ?? "") });
  };
  return (
    <form onSubmit={submit} className="flex w-full flex-wrap items-end gap-2">
      <TextField
        label="Note for the others (may stay empty)"
        name="note"
        maxLength={500}
        autoFocus
        error={fieldErrors["note"] ?? error ?? undefined}
        className="min-w-64 flex-1"
      />
      <Button type="submit" variant="primary" pending={pending}>
        I look after it
      </Button>
      <Button variant="quiet" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </form>
  );
}
