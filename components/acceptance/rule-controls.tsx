"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { decideOnRule, end } from "@/lib/acceptance/actions";

/** Approves or rejects a rule that somebody else made. */
export function DecideRule({ id, entityId }: Readonly<{ id: string; entityId: string }>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(decideOnRule, {
    done: ({ groups }) => (groups > 0 ? `Approved. ${groups} orders are matched again now.` : "Done."),
    onDone: () => router.refresh(),
  });
  return (
    <div className="flex flex-wrap items-center gap-2">
      <Button
        variant="primary"
        icon={<Check aria-hidden size={14} />}
        pending={pending}
        onClick={() => run({ id, entityId, approve: true })}
      >
        Approve
      </Button>
      <Button variant="danger" pending={pending} onClick={() => run({ id, entityId, approve: false })}>
        Reject
      </Button>
      {error && (
        <span role="alert" className="text-broken text-sm">
          {error}
        </span>
      )}
    </div>
  );
}

/** Ends a rule, with why, and says what becomes of what it has accepted. */
export function EndRule({
  id,
  entityId,
  accepted,
}: Readonly<{ id: string; entityId: string; accepted: number }>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const { run, pending, error, fieldErrors } = useCommand(end, {
    done: ({ reopened }) => (reopened > 0 ? `Ended. ${reopened} exceptions are open again.` : "Ended."),
    onDone: () => {
      setOpen(false);
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    run({ id, entityId, why: String(data.get("why") ?? ""), reopen: data.get("reopen") === "on" });
  };
  if (!open) return <Button onClick={() => setOpen(true)}>End…</Button>;
  return (
    <form onSubmit={submit} noValidate className="flex flex-col gap-2">
      <TextField
        label="Why it ends"
        name="why"
        required
        maxLength={1000}
        error={fieldErrors["why"] ?? error ?? undefined}
      />
      {accepted > 0 && (
        <label className="flex items-center gap-2 text-sm">
          <input type="checkbox" name="reopen" className="size-4" />
          Open the {accepted.toLocaleString("en")} exceptions again that it has accepted
        </label>
      )}
      <div className="flex gap-2">
        <Button type="submit" variant="danger" pending={pending}>
          End the rule
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
