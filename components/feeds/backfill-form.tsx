"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { backfillDays } from "@/lib/sync/actions";

/** Asks for a range of days of a feed, and goes to the run that reads them. */
export function BackfillForm({ entityId, feedId }: Readonly<{ entityId: string; feedId: string }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(backfillDays, {
    onDone: ({ runId }) => router.push(`/feeds/runs/${runId}` as Route),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run({ entityId, feedId, from: String(form.get("from") ?? ""), to: String(form.get("to") ?? "") });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 md:max-w-lg md:grid-cols-2">
        <TextField label="From" name="from" type="date" required error={fieldErrors["from"]} />
        <TextField label="To, included" name="to" type="date" required error={fieldErrors["to"]} />
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Read these days again
        </Button>
      </div>
    </form>
  );
}
