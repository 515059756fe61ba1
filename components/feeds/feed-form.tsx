"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { saveFeed } from "@/lib/sync/actions";

/** Sets how often a feed is read, how much of its tail is read again, and how far behind it may fall. In minutes. */
export function FeedForm({
  entityId,
  feedId,
  ...set
}: Readonly<{
  entityId: string;
  feedId: string;
  intervalMinutes: number;
  overlapMinutes: number;
  promiseMinutes: number;
}>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(saveFeed, {
    done: "The feed is read by its new settings.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const number = (name: string): number => Number(form.get(name));
    run({
      entityId,
      feedId,
      intervalMinutes: number("intervalMinutes"),
      overlapMinutes: number("overlapMinutes"),
      promiseMinutes: number("promiseMinutes"),
      reason: String(form.get("reason") ?? ""),
    });
  };
  const fields = [
    ["intervalMinutes", "Interval (min)", "How often it is asked what changed"],
    ["overlapMinutes", "Overlap (min)", "What changed this shortly before is read again"],
    ["promiseMinutes", "Promise (min)", "How far behind it may be before somebody is told"],
  ] as const;
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 md:grid-cols-3">
        {fields.map(([name, label, hint]) => (
          <TextField
            key={name}
            label={label}
            name={name}
            inputMode="numeric"
            required
            defaultValue={String(set[name])}
            hint={hint}
            error={fieldErrors[name]}
          />
        ))}
      </div>
      <TextField
        label="Why"
        name="reason"
        required
        maxLength={500}
        hint="It stands in the operating manual, beside the interval"
        error={fieldErrors["reason"]}
      />
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Save
        </Button>
      </div>
    </form>
  );
}
