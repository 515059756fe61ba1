"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { DecisionForm } from "@/components/ui/decision-form";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { decideOnJournal, propose, saveJournalAccounts } from "@/lib/close/actions";
import { ReasonButton } from "./reason-button";

type Purpose = "rounding" | "accrual" | "write-off";

/** Proposes the correction that is shown as a journal; amounts as integer texts in minor units. */
export function ProposeButton({
  of,
  alwaysReversed,
}: Readonly<{
  /** an accrual: it is taken back next month whether or not somebody says so */
  alwaysReversed: boolean;
  of: Readonly<{
    entityId: string;
    month: string;
    purpose: Purpose;
    currency: string;
    gross: string;
    tax: string;
  }>;
}>) {
  const router = useRouter();
  const command = useCommand(propose, {
    done: ({ number }) => `Proposed as journal ${number}. Somebody else approves it.`,
    onDone: () => router.refresh(),
  });
  const [reverse, setReverse] = useState(alwaysReversed);
  return (
    <div className="flex flex-col gap-2">
      {alwaysReversed ? (
        <p className="text-soft">It is taken back on the first day of the next month.</p>
      ) : (
        <label className="flex min-h-[24px] w-fit items-center gap-2">
          <input type="checkbox" checked={reverse} onChange={(event) => setReverse(event.target.checked)} />
          Take it back on the first day of the next month
        </label>
      )}
      <ReasonButton
        label="Propose a journal"
        reasonLabel="Why it is corrected so"
        submit={(reason) => command.run({ ...of, reason, reverse })}
        pending={command.pending}
        error={command.fieldErrors["reason"] ?? command.error}
      />
    </div>
  );
}

/** Approves or rejects a journal that somebody else proposed. */
export function DecideJournal({
  entityId,
  id,
  number,
}: Readonly<{ entityId: string; id: string; number: number }>) {
  const router = useRouter();
  const command = useCommand(decideOnJournal, {
    done: ({ approved, reversal }) =>
      approved
        ? `Approved.${reversal === null ? "" : ` Journal ${reversal} takes it back next month.`}`
        : "Rejected. Whoever proposed it sees why.",
    onDone: () => router.refresh(),
  });
  return <DecisionForm label={`Decide on journal ${number}`} command={command} of={{ entityId, id }} />;
}

/** To which accounts the corrections of a purpose are booked. */
export function AccountsForm({
  entityId,
  purpose,
  title,
  parts,
  accounts,
}: Readonly<{
  entityId: string;
  purpose: Purpose;
  title: string;
  parts: Readonly<Record<"net" | "tax" | "gross", string>>;
  accounts: Readonly<Partial<Record<"net" | "tax" | "gross", string>>>;
}>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(saveJournalAccounts, {
    done: "The accounts are set.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    run({ entityId, purpose, net: text("net"), tax: text("tax"), gross: text("gross") });
  };
  return (
    <form onSubmit={submit} noValidate aria-label={`Accounts: ${title}`} className="flex flex-col gap-2">
      <div className="grid gap-3 md:grid-cols-3">
        {(["gross", "net", "tax"] as const).map((part) => (
          <TextField
            key={part}
            label={parts[part]}
            name={part}
            maxLength={40}
            defaultValue={accounts[part]}
            error={fieldErrors[part]}
          />
        ))}
      </div>
      {error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {error}
        </p>
      )}
      <div>
        <Button type="submit" pending={pending} aria-label={`Set the accounts: ${title}`}>
          Set
        </Button>
      </div>
    </form>
  );
}
