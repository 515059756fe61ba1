"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { giveUpFailed } from "@/lib/sync/actions";

/** Leaves a record as it is: whoever says so owns it, and says why. */
export function GiveUpForm({ entityId, id }: Readonly<{ entityId: string; id: string }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { run, pending, fieldErrors, error } = useCommand(giveUpFailed, {
    done: "Given up; you own it, and it is in the audit trail.",
    onDone: () => router.refresh(),
  });
  if (!open) {
    return (
      <Button variant="quiet" onClick={() => setOpen(true)}>
        Give up…
      </Button>
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ entityId, id, why: String(new FormData(event.currentTarget).get("why") ?? "") });
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <TextField
        label="Why it is given up"
        name="why"
        required
        maxLength={500}
        error={fieldErrors["why"] ?? error ?? undefined}
        className="min-w-64"
      />
      <Button type="submit" variant="danger" pending={pending}>
        Give up
      </Button>
      <Button variant="quiet" onClick={() => setOpen(false)}>
        Cancel
      </Button>
    </form>
  );
}
