"use client";

import { PenLine } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { sign } from "@/lib/close/actions";
import type { OpenWork } from "@/lib/close/open-work";
import { OpenWorkList } from "./open-work-list";

/** Signs the figures that the page shows; `remainder`: what stays unexplained, which whoever prepares has to give a reason for. */
export function SignForm({
  entityId,
  month,
  hash,
  label,
  statement,
  remainder,
  work,
}: Readonly<{
  entityId: string;
  month: string;
  hash: string;
  label: string;
  statement: string;
  remainder: "ask" | "stated" | null;
  work: OpenWork;
}>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  const command = useCommand(sign, {
    done: ({ step, steps }) =>
      step + 1 === steps ? "Signed. The month can be closed." : `Signed: ${step + 1} of ${steps}.`,
    onDone: () => {
      setOpen(false);
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    command.run({ entityId, month, hash, note: text("note"), remainderWhy: text("remainderWhy") });
  };
  if (!open) {
    return (
      <Button variant="primary" icon={<PenLine aria-hidden size={14} />} onClick={() => setOpen(true)}>
        {label}
      </Button>
    );
  }
  return (
    <form onSubmit={submit} noValidate aria-label={label} className="flex w-full max-w-prose flex-col gap-3">
      <p className="rounded-md bg-sunken px-3 py-2 text-sm">“{statement}”</p>
      <OpenWorkList work={work} act="signing" />
      {remainder === "ask" && (
        <TextareaField
          label="Why what is unexplained may stay so"
          name="remainderWhy"
          required
          maxLength={1000}
          hint="It is signed with the figures as a stated remainder; the reviewer signs the same."
          error={command.fieldErrors["remainderWhy"]}
        />
      )}
      <TextareaField
        label="A note, if you want to add one"
        name="note"
        rows={2}
        maxLength={1000}
        error={command.fieldErrors["note"] ?? command.error ?? undefined}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={command.pending}>
          Sign
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
