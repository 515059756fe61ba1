"use client";

import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextareaField } from "@/components/ui/field";
import type { PeopleAction } from "@/lib/exceptions/schema";
import { MentionSelect } from "../mention-select";
import { AssignForm, type FormProps, HandOverForm, WaitForm } from "../people-forms";

/** What a dialog of the queue asks for. */
export type Asking = "assign" | "hand-over" | "wait" | "accept" | "comment";

type Mentionable = readonly Readonly<{ id: string; name: string }>[];

const titles: Readonly<Record<Asking, string>> = {
  assign: "Assign",
  "hand-over": "Hand over",
  wait: "Wait",
  accept: "Accept as it is",
  comment: "Comment",
};

/** Asks for what an act on the aimed rows needs. `aim` says in words what that is. */
export function ActDialog({
  asking,
  aim,
  form,
  readers,
  onAct,
  onText,
  onClose,
}: Readonly<{
  asking: Asking;
  aim: string;
  form: Pick<FormProps, "exception" | "people" | "teams" | "actorId" | "today" | "pending" | "error">;
  /** whom a comment can mention */
  readers: Mentionable;
  onAct: (act: PeopleAction) => void;
  /** the reason of an acceptance, or a comment */
  onText: (text: string) => void;
  onClose: () => void;
}>) {
  const props: FormProps = { ...form, onSubmit: onAct, onCancel: onClose };
  return (
    <Dialog title={`${titles[asking]}: ${aim}`} onClose={onClose}>
      {asking === "assign" && <AssignForm {...props} />}
      {asking === "hand-over" && <HandOverForm {...props} />}
      {asking === "wait" && <WaitForm {...props} />}
      {asking === "accept" && (
        <TextForm
          {...form}
          label="Why it is right as it is"
          hint="Above the limit, or where you have worked on it, a second person is asked"
          submit="Accept"
          onText={onText}
          onCancel={onClose}
        />
      )}
      {asking === "comment" && (
        <TextForm
          {...form}
          label="Comment"
          hint="@ and a name mentions somebody"
          submit="Add comment"
          mentionable={readers}
          onText={onText}
          onCancel={onClose}
        />
      )}
    </Dialog>
  );
}

function TextForm({
  label,
  hint,
  submit,
  mentionable,
  pending,
  error,
  onText,
  onCancel,
}: Readonly<{
  label: string;
  hint: string;
  submit: string;
  /** left out where a text mentions nobody */
  mentionable?: Mentionable;
  pending: boolean;
  error: string | null;
  onText: (text: string) => void;
  onCancel: () => void;
}>) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    onText(String(new FormData(event.currentTarget).get("text") ?? "").trim());
  };
  return (
    <form onSubmit={send} noValidate aria-label={submit} className="flex flex-col gap-3">
      <TextareaField
        label={label}
        name="text"
        required
        maxLength={4000}
        rows={3}
        hint={hint}
        error={error ?? undefined}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" variant="primary" pending={pending}>
          {submit}
        </Button>
        {mentionable && <MentionSelect people={mentionable} />}
        <Button variant="quiet" onClick={onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
