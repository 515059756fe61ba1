"use client";

import { Plus, X } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { applyDueDates, setDueSteps } from "@/lib/ownership/actions";
import { keptWords, movedWords } from "./kept-words";

type Step = Readonly<{ key: number; from: string; days: string }>;

/** Gives open exceptions the dates that hold now. */
export function ApplyButton({ entityId }: Readonly<{ entityId: string }>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(applyDueDates, {
    done: ({ moved }) => (moved === 0 ? "All have the date that holds now." : movedWords(moved).trim()),
    onDone: () => router.refresh(),
  });
  return (
    <>
      <Button pending={pending} onClick={() => run({ entityId })}>
        Apply what holds now to open exceptions
      </Button>
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
    </>
  );
}

/** How many working days an exception of at least so much may take; without a currency given, one is asked for. */
export function DueForm({
  entityId,
  currency,
  isDefault,
  open,
  steps: given,
}: Readonly<{
  entityId: string;
  currency: string | null;
  isDefault: boolean;
  /** open exceptions with a date by rule, and with one that a person set */
  open: Readonly<{ byRule: number; byHand: number }>;
  steps: readonly Readonly<{ from: string; days: number }>[];
}>) {
  const router = useRouter();
  const [steps, setSteps] = useState<readonly Step[]>(
    given.map((step, key) => ({ key, from: step.from, days: String(step.days) })),
  );
  const { run, pending, error, fieldErrors } = useCommand(setDueSteps, {
    done: ({ moved }) => `Saved for what is found from now on.${movedWords(moved)}`,
    onDone: () => router.refresh(),
  });
  const [applyToOpen, setApply] = useState(false);
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const named = String(new FormData(event.currentTarget).get("currency") ?? "");
    run({
      entityId,
      currency: currency ?? named.trim().toUpperCase(),
      steps: steps.map((step) => ({ from: step.from.trim(), days: Number(step.days) })),
      applyToOpen,
    });
  };
  const change = (key: number, what: Partial<Step>) =>
    setSteps(steps.map((step) => (step.key === key ? { ...step, ...what } : step)));
  const next = 1 + Math.max(-1, ...steps.map((step) => step.key));
  return (
    <form onSubmit={submit} className="flex max-w-xl flex-col gap-2">
      {currency === null && (
        <TextField
          label="Currency"
          name="currency"
          required
          maxLength={3}
          className="w-28"
          error={fieldErrors["currency"]}
        />
      )}
      {steps.map((step) => (
        <div key={step.key} className="flex items-end gap-2">
          <TextField
            label="From (major units)"
            inputMode="numeric"
            value={step.from}
            onChange={(event) => change(step.key, { from: event.target.value })}
          />
          <TextField
            label="Working days"
            inputMode="numeric"
            value={step.days}
            onChange={(event) => change(step.key, { days: event.target.value })}
          />
          <Button
            variant="quiet"
            icon={<X aria-hidden size={14} />}
            aria-label={`Remove the step from ${step.from || "nothing"}`}
            onClick={() => setSteps(steps.filter((one) => one.key !== step.key))}
          />
        </div>
      ))}
      {open.byRule > 0 && (
        <>
          <p className="text-sm text-soft">{keptWords(open)}</p>
          <label className="flex min-h-6 items-center gap-2 text-sm">
            <input
              type="checkbox"
              className="size-4 accent-accent"
              checked={applyToOpen}
              onChange={(event) => setApply(event.target.checked)}
            />
            Apply to open exceptions too
          </label>
        </>
      )}
      {error && <Message tone="broken">{error}</Message>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" pending={pending} disabled={steps.length === 0}>
          Save
        </Button>
        <Button
          variant="quiet"
          icon={<Plus aria-hidden size={14} />}
          onClick={() => setSteps([...steps, { key: next, from: "0", days: "5" }])}
        >
          Add a step
        </Button>
        {currency !== null && !isDefault && (
          <Button
            variant="quiet"
            pending={pending}
            onClick={() => run({ entityId, currency, steps: [], applyToOpen })}
          >
            {currency === "*" ? "Back to the defaults" : "As every other currency"}
          </Button>
        )}
      </div>
    </form>
  );
}
