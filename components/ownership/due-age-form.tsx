"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { setDueAge } from "@/lib/ownership/actions";
import { movedWords } from "./kept-words";

/** From which age on an exception is due one step sooner, or that its age does not count. */
export function DueAgeForm({
  entityId,
  days,
  hasOpen,
}: Readonly<{ entityId: string; days: number | null; hasOpen: boolean }>) {
  const router = useRouter();
  const [counts, setCounts] = useState(days !== null);
  const { run, pending, error, fieldErrors } = useCommand(setDueAge, {
    done: ({ moved }) => `Saved for what is found from now on.${movedWords(moved)}`,
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    run({
      entityId,
      days: counts ? Number(given.get("days")) : null,
      applyToOpen: given.get("apply") === "on",
    });
  };
  return (
    <form onSubmit={submit} aria-label="Age" className="flex max-w-xl flex-col gap-2">
      <label className="flex min-h-6 items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4 accent-accent"
          checked={counts}
          onChange={({ target }) => setCounts(target.checked)}
        />
        What is old when it is found is due sooner
      </label>
      {counts && (
        <TextField
          label="Older than (days)"
          name="days"
          inputMode="numeric"
          required
          defaultValue={days ?? 30}
          className="w-40"
          error={fieldErrors["days"]}
        />
      )}
      {hasOpen && (
        <label className="flex min-h-6 items-center gap-2 text-sm">
          <input type="checkbox" name="apply" className="size-4 accent-accent" />
          Apply to open exceptions too
        </label>
      )}
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Save the age
        </Button>
      </div>
    </form>
  );
}
