"use client";

import type { FormEvent } from "react";
import { Button } from "./button";
import { TextField } from "./field";

/** One amount that is saved by a button beside it; as it was typed, for the server to read. */
export function AmountForm({
  label,
  amount,
  pending,
  error,
  save,
}: Readonly<{
  label: string;
  amount: string;
  pending: boolean;
  error: string | null;
  save: (amount: string) => void;
}>) {
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    save(String(new FormData(event.currentTarget).get("amount") ?? ""));
  };
  return (
    <form onSubmit={submit} className="flex items-end justify-end gap-2">
      <TextField
        label={label}
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
