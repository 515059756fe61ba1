"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { saveLimit } from "@/lib/resolutions/actions";

/** Up to which amount of the entity's currency one person may send a resolution alone. */
export function ResolutionLimitForm({
  entityId,
  code,
  title,
  currency,
  amount,
}: Readonly<{ entityId: string; code: string; title: string; currency: string; amount: string }>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(saveLimit, {
    done: "Saved. It holds for everybody but you.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ entityId, code, currency, amount: String(new FormData(event.currentTarget).get("amount") ?? "") });
  };
  return (
    <form onSubmit={submit} className="flex items-end justify-end gap-2">
      <TextField
        label={`Limit of “${title}” in ${currency}`}
        hideLabel
        name="amount"
        inputMode="decimal"
        defaultValue={amount}
        error={error ?? undefined}
        className="w-36"
      />
      <Button type="submit" pending={pending}>
        Save
      </Button>
    </form>
  );
}
