"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { ask } from "@/lib/orders/actions";
import type { Ask } from "@/lib/orders/schema";

/** Asks a team about an order. */
export function AskForm({ entityId, orderKey }: Readonly<{ entityId: string; orderKey: string }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const { run, pending, error, fieldErrors } = useCommand(ask, {
    done: "Asked. The answer will stand here, and on the page Orders.",
    onDone: () => {
      form.current?.reset();
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    run({
      entityId,
      orderKey,
      team: String(data.get("team")) as Ask["team"],
      note: String(data.get("note") ?? ""),
    });
  };
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-2">
      <SelectField
        label="Whom"
        name="team"
        defaultValue="finance"
        error={fieldErrors["team"]}
        className="w-48"
      >
        <option value="finance">Finance</option>
        <option value="operations">Operations</option>
      </SelectField>
      <TextareaField
        label="What do you need to know?"
        name="note"
        required
        minLength={5}
        maxLength={4000}
        hint="It becomes an exception of theirs, with a due day"
        error={fieldErrors["note"] ?? error ?? undefined}
      />
      <div>
        <Button type="submit" pending={pending}>
          Ask
        </Button>
      </div>
    </form>
  );
}
