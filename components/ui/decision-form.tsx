"use client";

import { Check } from "lucide-react";
import { useRef } from "react";
import { Button } from "./button";
import { TextareaField } from "./field";
import type { Command } from "./use-command";

type Decision = Readonly<{ approve: boolean; why: string }>;

/**
 * Approves or rejects what somebody else asked for; a no needs a reason. `of` names what is decided on. Where a page may have several
 * of these, `approve` and `reject` say of what they are.
 */
export function DecisionForm<Of extends object>({
  label,
  approve = "Approve",
  reject = "Reject",
  command,
  of,
}: Readonly<{ label: string; approve?: string; reject?: string; command: Command<Of & Decision>; of: Of }>) {
  const form = useRef<HTMLFormElement>(null);
  const send = (isApproved: boolean) => {
    const why = form.current ? String(new FormData(form.current).get("why") ?? "") : "";
    command.run({ ...of, approve: isApproved, why });
  };
  return (
    <form
      ref={form}
      aria-label={label}
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
          {approve}
        </Button>
        <Button variant="danger" pending={command.pending} onClick={() => send(false)}>
          {reject}
        </Button>
      </div>
    </form>
  );
}
