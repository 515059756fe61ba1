"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { DecisionForm } from "@/components/ui/decision-form";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import {
  decideOnJournal,
  decideOnRecall,
  propose,
  recall,
  saveJournalAccounts,
  takeJournalFile,
} from "@/lib/close/actions";
import { ReasonButton } from "./reason-button";

type Purpose = "rounding" | "accrual" | "write-off" | "late";

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
    /** of late arrivals: the closed month that they came to */
    lateOf: string | null;
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

/** Proposes that nothing is booked for late arrivals, for a reason that somebody else approves. */
export function NoneNeededButton({
  of,
}: Readonly<{
  of: Readonly<{
    entityId: string;
    month: string;
    currency: string;
    gross: string;
    tax: string;
    lateOf: string | null;
  }>;
}>) {
  const router = useRouter();
  const command = useCommand(propose, {
    done: ({ number }) => `Proposed as journal ${number}, without lines. Somebody else approves it.`,
    onDone: () => router.refresh(),
  });
  return (
    <ReasonButton
      label="No journal is needed"
      variant="quiet"
      reasonLabel="Why nothing has to be booked"
      hint="A second person approves it; what comes later is to be decided by itself."
      submit={(reason) => command.run({ ...of, purpose: "late", reason, books: false })}
      pending={command.pending}
      error={command.fieldErrors["reason"] ?? command.error}
    />
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
  return (
    <DecisionForm
      label={`Decide on journal ${number}`}
      approve={`Approve journal ${number}`}
      reject={`Reject journal ${number}`}
      command={command}
      of={{ entityId, id }}
    />
  );
}

/**
 * Hands the approved journals of a month over as a file, after it has said what that means. `again`: when those that were handed
 * over already were.
 */
export function ExportJournalsButton({
  entityId,
  period,
  numbers,
  again = null,
}: Readonly<{
  entityId: string;
  period: string;
  numbers: readonly number[];
  /** "30 Nov 03:44"; null: they never were */
  again?: string | null;
}>) {
  const router = useRouter();
  const opener = useRef<HTMLButtonElement>(null);
  const [asks, setAsks] = useState(false);
  const leave = () => {
    setAsks(false);
    opener.current?.focus();
  };
  const { run, pending, error } = useCommand(takeJournalFile, {
    done: ({ name, count }) => `${count === 1 ? "1 journal is" : `${count} journals are`} in ${name}.`,
    onDone: ({ csv, name }) => {
      save(csv, name);
      setAsks(false);
      router.refresh();
    },
  });
  const isOne = numbers.length === 1;
  const named = `${isOne ? "journal" : "journals"} ${numbers.join(", ")}`;
  const label =
    again === null
      ? `Export ${isOne ? "the approved journal" : `the ${numbers.length} approved journals`} as CSV`
      : `Export ${named} again (handed over ${again})`;
  return (
    <div>
      <Button ref={opener} variant={again === null ? "secondary" : "quiet"} onClick={() => setAsks(true)}>
        {label}…
      </Button>
      {asks && (
        <Dialog title={`${label}?`} onClose={leave}>
          <div className="flex flex-col gap-3 text-sm">
            {again === null ? (
              <p>
                {isOne ? "Journal" : "Journals"} {numbers.join(", ")}: import the file in the ERP yourself.
                From now on {isOne ? "it is" : "they are"} not posted from here any more, since{" "}
                {isOne ? "it" : "they"} would count twice. If the file is not taken in after all, you say so
                at the journal, and a second person approves it.
              </p>
            ) : (
              <p>
                The same {isOne ? "journal" : "journals"} once more, for a file that was lost: take it in only
                if the first was not. Taken in twice, {isOne ? "it counts" : "they count"} twice.
              </p>
            )}
            {error && (
              <p role="alert" className="text-broken">
                {error}
              </p>
            )}
            <div className="flex gap-2">
              <Button
                variant="primary"
                pending={pending}
                onClick={() => run({ entityId, period, again: again !== null })}
              >
                {again === null ? "Export as CSV" : "Export again"}
              </Button>
              <Button variant="quiet" onClick={leave}>
                Cancel
              </Button>
            </div>
          </div>
        </Dialog>
      )}
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** States that the ERP did not take in a journal that was handed over as a file. */
export function RecallButton({
  entityId,
  id,
  number,
}: Readonly<{ entityId: string; id: string; number: number }>) {
  const router = useRouter();
  const command = useCommand(recall, {
    done: "Said. Somebody else approves it; until then it is not posted from here.",
    onDone: () => router.refresh(),
  });
  return (
    <ReasonButton
      label={`Journal ${number} was not taken in after all`}
      variant="quiet"
      reasonLabel="How you know that it is not in the ERP"
      hint="A second person approves it; then it can be posted or exported again."
      submit={(reason) => command.run({ entityId, id, reason })}
      pending={command.pending}
      error={command.fieldErrors["reason"] ?? command.error}
    />
  );
}

/** Approves or rejects that a journal was not taken in. */
export function DecideRecall({
  entityId,
  id,
  number,
}: Readonly<{ entityId: string; id: string; number: number }>) {
  const router = useRouter();
  const command = useCommand(decideOnRecall, {
    done: ({ approved }) =>
      approved ? "Approved: it can be posted or exported again." : "Rejected: it counts as taken in.",
    onDone: () => router.refresh(),
  });
  return (
    <DecisionForm
      label={`Decide whether journal ${number} was not taken in`}
      approve={`Approve: journal ${number} was not taken in`}
      reject={`Reject: journal ${number} was taken in`}
      command={command}
      of={{ entityId, id }}
    />
  );
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
    done: ({ unknown }) =>
      unknown.length === 0
        ? "The accounts are set."
        : `The accounts are set. No line that was read from the ERP names ${unknown.join(" or ")}: make sure that ${unknown.length === 1 ? "it is" : "they are"} there.`,
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
            maxLength={20}
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
