"use client";

import type { FormEvent, ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextareaField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { addDays } from "@/lib/domain/day";
import type { PeopleAction } from "@/lib/exceptions/schema";

/** What a form of the card knows, and how it says what it is filled in with. */
export type FormProps = Readonly<{
  exception: Readonly<{
    assigneeId: string | null;
    ownerTeam: string;
    due: string | null;
    waitingOn: string | null;
    /** several at once: what is left empty stays as it is with each */
    many?: boolean;
  }>;
  people: readonly Readonly<{ id: string; name: string }>[];
  teams: readonly Readonly<{ id: string; name: string }>[];
  actorId: string;
  today: string;
  pending: boolean;
  error: string | null;
  onSubmit: (act: PeopleAction) => void;
  onCancel: () => void;
}>;

function PeopleForm({
  submit,
  children,
  read,
  ...props
}: FormProps &
  Readonly<{ submit: string; children: ReactNode; read: (text: (name: string) => string) => PeopleAction }>) {
  const send = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    props.onSubmit(read((name) => String(form.get(name) ?? "").trim()));
  };
  return (
    <form
      onSubmit={send}
      noValidate
      aria-label={submit}
      className="flex flex-col gap-3 rounded-md bg-sunken p-3"
    >
      {children}
      {props.error && <Message tone="broken">{props.error}</Message>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" pending={props.pending}>
          {submit}
        </Button>
        <Button variant="quiet" onClick={props.onCancel}>
          Cancel
        </Button>
      </div>
    </form>
  );
}

function Who({ exception, people, teams, actorId }: FormProps) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField label="Assignee" name="assignee" defaultValue={exception.assigneeId ?? ""}>
        <option value="">Nobody</option>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
            {person.id === actorId ? " (me)" : ""}
          </option>
        ))}
      </SelectField>
      <SelectField label="Owner" name="owner" defaultValue={exception.ownerTeam}>
        {exception.many && <option value="">As it is</option>}
        {teams.map((team) => (
          <option key={team.id} value={team.id}>
            {team.name}
          </option>
        ))}
      </SelectField>
    </div>
  );
}

const who = (text: (name: string) => string) => ({
  assigneeId: text("assignee") || null,
  ...(text("owner") !== "" && { ownerTeam: text("owner") }),
});

/** Gives it to a person and a team, with the day by which it is due. */
export function AssignForm(props: FormProps) {
  return (
    <PeopleForm
      {...props}
      submit="Assign"
      read={(text) => ({
        kind: "assign",
        ...who(text),
        ...((text("due") !== "" || !props.exception.many) && { due: text("due") || null }),
      })}
    >
      <Who {...props} />
      <TextField
        label="Due"
        name="due"
        type="date"
        defaultValue={props.exception.due ?? ""}
        hint={props.exception.many ? "Empty: each stays due when it is" : undefined}
      />
    </PeopleForm>
  );
}

/** Gives it to somebody else, and says why. */
export function HandOverForm(props: FormProps) {
  return (
    <PeopleForm
      {...props}
      submit="Hand over"
      read={(text) => ({ kind: "hand-over", ...who(text), reason: text("reason") })}
    >
      <Who {...props} />
      <TextareaField
        label="Why, for whoever takes it over"
        name="reason"
        required
        maxLength={1000}
        rows={2}
      />
    </PeopleForm>
  );
}

/** Gives it back to whoever had it before, and says why. */
export function PassBackForm(props: FormProps & Readonly<{ to: string }>) {
  return (
    <PeopleForm
      {...props}
      submit={`Pass back to ${props.to}`}
      read={(text) => ({ kind: "pass-back", reason: text("reason") })}
    >
      <TextareaField label="Why it goes back" name="reason" required maxLength={1000} rows={2} />
    </PeopleForm>
  );
}

/** Lets it wait on somebody until a day, on which it comes back by itself. */
export function WaitForm(props: FormProps) {
  const tomorrow = addDays(props.today, 1);
  return (
    <PeopleForm
      {...props}
      submit="Let it wait"
      read={(text) => ({ kind: "wait", on: text("on"), until: text("until") })}
    >
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label="On whom or what"
          name="on"
          required
          maxLength={120}
          defaultValue={props.exception.waitingOn ?? ""}
        />
        <TextField
          label="Until"
          name="until"
          type="date"
          required
          min={tomorrow}
          defaultValue={addDays(props.today, 7)}
          hint="It comes back by itself on that day"
        />
      </div>
    </PeopleForm>
  );
}
