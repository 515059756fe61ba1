"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { saveCutOff } from "@/lib/sync/actions";

/** Sets the cut-off of one month or of every month; without hours what was set is given up. */
export function CutOffForm({
  entityId,
  month,
  hours,
}: Readonly<{ entityId: string; month: string; hours: number }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(saveCutOff, {
    done: "The cut-off is set.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const stated = String(form.get("hours") ?? "").trim();
    run({
      entityId,
      month: form.get("for") === "month" ? month : null,
      hours: stated === "" ? null : Number(stated),
      reason: String(form.get("reason") ?? ""),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 pt-3">
      <div className="grid gap-3 md:grid-cols-3">
        <SelectField label="For" name="for" error={fieldErrors["month"]}>
          <option value="month">this month</option>
          <option value="entity">every month of the entity</option>
        </SelectField>
        <TextField
          label="Hours after the month’s end"
          name="hours"
          inputMode="numeric"
          defaultValue={String(hours)}
          hint="Left empty: what was set before no longer holds"
          error={fieldErrors["hours"]}
        />
        <TextField label="Why" name="reason" required error={fieldErrors["reason"]} />
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Set the cut-off
        </Button>
      </div>
    </form>
  );
}
