"use client";

import { LockOpen, TriangleAlert } from "lucide-react";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { DecisionForm } from "@/components/ui/decision-form";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { askToReopen, decideOnReopening, saveClosePolicy, warn, withdraw } from "@/lib/close/actions";
import { ReasonButton } from "./reason-button";

type OfMonth = Readonly<{ entityId: string; month: string }>;

/** Takes one's own sign-off back. */
export function WithdrawButton({ id, ...of }: OfMonth & Readonly<{ id: string }>) {
  const router = useRouter();
  const command = useCommand(withdraw, { done: "Taken back.", onDone: () => router.refresh() });
  return (
    <ReasonButton
      label="Take back"
      variant="quiet"
      reasonLabel="Why you take your signature back"
      hint="Signatures that were given after it are taken back with it."
      submit={(why) => command.run({ ...of, id, why })}
      pending={command.pending}
      error={command.fieldErrors["why"] ?? command.error}
    />
  );
}

/** Warns of changes before the month is closed, or gives that up. */
export function SoftCloseButton({ on, ...of }: OfMonth & Readonly<{ on: boolean }>) {
  const router = useRouter();
  const command = useCommand(warn, {
    done: on ? "Whoever works on this month is warned." : "Nobody is warned any more.",
    onDone: () => router.refresh(),
  });
  return (
    <Button
      icon={<TriangleAlert aria-hidden size={14} />}
      pending={command.pending}
      onClick={() => command.run({ ...of, on })}
    >
      {on ? "Warn of changes (soft close)" : "End the soft close"}
    </Button>
  );
}

/** Asks that the closed month, or one of its orders, is opened. */
export function ReopenForm(of: OfMonth) {
  const router = useRouter();
  const [order, setOrder] = useState("");
  const [asked, setAsked] = useState(0);
  const command = useCommand(askToReopen, {
    done: "Asked. Somebody else decides.",
    onDone: () => {
      // The form has done what it was for: a new one begins closed and empty.
      setOrder("");
      setAsked((times) => times + 1);
      router.refresh();
    },
  });
  const { fieldErrors } = command;
  return (
    <ReasonButton
      key={asked}
      label="Ask to reopen"
      icon={<LockOpen aria-hidden size={14} />}
      reasonLabel="Why it has to be opened"
      submit={(reason, form) =>
        command.run({
          ...of,
          reason,
          // An order alone is locked at once: the month stays closed, and no hours are asked for.
          hours: order === "" ? String(form.get("hours") ?? "") : "1",
          order: String(form.get("order") ?? ""),
        })
      }
      pending={command.pending}
      error={fieldErrors["reason"] ?? (fieldErrors["hours"] || fieldErrors["order"] ? null : command.error)}
    >
      <div className="grid gap-3 md:grid-cols-2">
        <TextField
          label="One order only"
          name="order"
          maxLength={200}
          onChange={(event) => setOrder(event.currentTarget.value.trim())}
          hint="By any of its names. Empty: the whole month. An order is locked anew as it is now; the month stays closed."
          error={fieldErrors["order"]}
        />
        {order === "" && (
          <TextField
            label="Open for, in hours"
            name="hours"
            inputMode="numeric"
            defaultValue="24"
            hint="Then the month closes again by itself, on its last lock."
            error={fieldErrors["hours"]}
          />
        )}
      </div>
    </ReasonButton>
  );
}

/** Approves or rejects a reopening that somebody else asked for. */
export function DecideReopening({ entityId, id }: Readonly<{ entityId: string; id: string }>) {
  const router = useRouter();
  const command = useCommand(decideOnReopening, {
    done: ({ outcome }) =>
      outcome === "rejected"
        ? "Rejected. Whoever asked sees why."
        : outcome === "reopened"
          ? "Approved: the month is open."
          : "Approved: the order is locked as it is now.",
    onDone: () => router.refresh(),
  });
  return (
    <DecisionForm
      label="Decide on the reopening"
      approve="Approve the reopening"
      reject="Reject the reopening"
      command={command}
      of={{ entityId, id }}
    />
  );
}

/** Sets how many people review a month, and what may be left unexplained. */
export function ClosePolicyForm({
  entityId,
  reviewers,
  materiality,
  currency,
}: Readonly<{ entityId: string; reviewers: number; materiality: string; currency: string }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(saveClosePolicy, {
    done: "Set for every month of this entity.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    run({
      entityId,
      reviewers: String(form.get("reviewers") ?? ""),
      materiality: String(form.get("materiality") ?? ""),
    });
  };
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label="How months are signed"
      className="flex flex-col gap-3 pt-3"
    >
      <div className="grid gap-3 md:grid-cols-2">
        <TextField
          label="Reviewers"
          name="reviewers"
          inputMode="numeric"
          defaultValue={String(reviewers)}
          hint="Besides the preparer, each another person"
          error={fieldErrors["reviewers"]}
        />
        <TextField
          label={`Materiality, ${currency}`}
          name="materiality"
          inputMode="decimal"
          defaultValue={materiality}
          hint="What is unexplained may be signed as a stated remainder below this; 0: never"
          error={fieldErrors["materiality"]}
        />
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending}>
          Set
        </Button>
      </div>
    </form>
  );
}
