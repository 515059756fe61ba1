"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { useRef } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { decide } from "@/lib/exceptions/actions";

/** Approves or rejects what somebody else wants accepted; a no says why. */
export function DecideForm({
  id,
  entityId,
  requestId,
}: Readonly<{ id: string; entityId: string; requestId: string }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const command = useCommand(decide, {
    done: ({ approved }) => (approved ? "Approved: it is accepted." : "Rejected. Whoever asked sees why."),
    onDone: () => router.refresh(),
  });
  const send = (approve: boolean) => {
    const why = form.current ? String(new FormData(form.current).get("why") ?? "") : "";
    command.run({ id, entityId, requestId, approve, why });
  };
  return (
    <form
      ref={form}
      aria-label="Decide on the acceptance"
      onSubmit={(event) => event.preventDefault()}
      className="flex w-full max-w-prose flex-col gap-2"
    >
      <TextareaField
        label="What you say to it"
        name="why"
        rows={2}
        maxLength={1000}
        hint="A no needs a reason"
        error={command.fieldErrors["why"] ?? command.error ?? undefined}
      />
      <div className="flex gap-2">
        <Button
          variant="primary"
          icon={<Check aria-hidden size={14} />}
          pending={command.pending}
          onClick={() => send(true)}
        >
          Approve
        </Button>
        <Button variant="danger" pending={command.pending} onClick={() => send(false)}>
          Reject
        </Button>
      </div>
    </form>
  );
}
