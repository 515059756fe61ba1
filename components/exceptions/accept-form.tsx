"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { accept } from "@/lib/exceptions/actions";

/** Accepts an exception as it is, with a reason that stays in its history and the trail. */
export function AcceptForm({
  exception: { id, entityId, version },
}: Readonly<{ exception: Readonly<{ id: string; entityId: string; version: number }> }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const command = useCommand(accept, {
    done: "Accepted. It is opened again when the document changes again.",
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
      <Button icon={<Check aria-hidden size={14} />} onClick={() => setOpen(true)}>
        Accept as it is
      </Button>
    );
  }
  return (
    <form onSubmit={submit} noValidate className="flex w-full max-w-prose flex-col gap-2">
      <TextareaField
        label="Why it is right as it is"
        name="reason"
        required
        maxLength={1000}
        error={command.fieldErrors["reason"] ?? command.error ?? undefined}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={command.pending}>
          Accept
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
