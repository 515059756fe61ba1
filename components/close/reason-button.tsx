"use client";

import { type FormEvent, type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";

/** A button that asks for a reason before it does something. */
export function ReasonButton({
  label,
  reasonLabel,
  hint,
  submit,
  pending,
  error,
  variant = "secondary",
  icon,
  children,
}: Readonly<{
  label: string;
  reasonLabel: string;
  hint?: string;
  submit: (reason: string, form: FormData) => void;
  pending: boolean;
  error: string | null;
  variant?: "secondary" | "danger" | "quiet";
  icon?: ReactNode;
  /** further fields of the form, before the reason */
  children?: ReactNode;
}>) {
  const [open, setOpen] = useState(false);
  if (!open) {
    return (
      <div>
        <Button variant={variant} icon={icon} onClick={() => setOpen(true)}>
          {label}
        </Button>
      </div>
    );
  }
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    submit(String(form.get("reason") ?? ""), form);
  };
  return (
    <form onSubmit={send} noValidate aria-label={label} className="flex w-full max-w-prose flex-col gap-3">
      {children}
      <TextareaField
        label={reasonLabel}
        name="reason"
        rows={2}
        required
        maxLength={1000}
        hint={hint}
        error={error ?? undefined}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={pending}>
          {label}
        </Button>
        <Button variant="quiet" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
