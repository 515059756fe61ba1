"use client";

import { Check } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useEffect, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { accept } from "@/lib/exceptions/actions";

/** Accepts an exception as it is, with a reason that stays in its history and the trail; `second`: why another has to approve. */
export function AcceptForm({
  exception: { id, entityId, version },
  second,
}: Readonly<{
  exception: Readonly<{ id: string; entityId: string; version: number }>;
  second: string | null;
}>) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  // Whoever is led here by a link means to accept it: the address says so, and only the browser knows its last part.
  useEffect(() => {
    const follow = () => {
      if (window.location.hash === "#accepting") setOpen(true);
    };
    follow();
    window.addEventListener("hashchange", follow);
    return () => window.removeEventListener("hashchange", follow);
  }, []);
  const command = useCommand(accept, {
    done: ({ outcome }) =>
      outcome === "asked"
        ? "Asked. Somebody else decides."
        : "Accepted. It is opened again when its figures change.",
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
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <Button icon={<Check aria-hidden size={14} />} onClick={() => setOpen(true)}>
          {second ? "Ask to accept it as it is" : "Accept as it is"}
        </Button>
        {second && <span className="text-sm text-soft">{second}</span>}
      </div>
    );
  }
  return (
    <form onSubmit={submit} noValidate className="flex w-full max-w-prose flex-col gap-2">
      <TextareaField
        label="Why it is right as it is"
        name="reason"
        required
        maxLength={1000}
        hint={second ?? undefined}
        error={command.fieldErrors["reason"] ?? command.error ?? undefined}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={command.pending}>
          {second ? "Ask" : "Accept"}
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
