"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { assign } from "@/lib/exceptions/actions";
import { teams } from "@/lib/exceptions/schema";

type Person = Readonly<{ id: string; name: string }>;

/** Gives the exception to a person and a team, with a due date. States the version that was seen. */
export function AssignForm({
  exception,
  people,
  actorId,
}: Readonly<{
  exception: Readonly<{
    id: string;
    entityId: string;
    version: number;
    assigneeId: string | null;
    ownerTeam: string;
    due: string | null;
  }>;
  people: readonly Person[];
  actorId: string;
}>) {
  const router = useRouter();
  const command = useCommand(assign, { done: "Assigned.", onDone: () => router.refresh() });
  const { id, entityId, version } = exception;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string) => String(form.get(name) ?? "");
    command.run({
      id,
      entityId,
      version,
      assigneeId: text("assignee") || null,
      ownerTeam: teams.find((team) => team === text("owner")),
      due: text("due") || null,
    });
  };
  const isMine = exception.assigneeId === actorId;
  const isMe = people.some((person) => person.id === actorId);
  return (
    // The version is the key: after a change the form begins again with what is so now.
    <form key={version} onSubmit={submit} className="flex flex-col gap-3">
      <SelectField label="Assignee" name="assignee" defaultValue={exception.assigneeId ?? ""}>
        <option value="">Nobody</option>
        {people.map((person) => (
          <option key={person.id} value={person.id}>
            {person.name}
            {person.id === actorId ? " (me)" : ""}
          </option>
        ))}
      </SelectField>
      <div className="grid grid-cols-2 gap-3">
        <SelectField label="Owner" name="owner" defaultValue={exception.ownerTeam}>
          {teams.map((team) => (
            <option key={team} value={team}>
              {team.charAt(0).toUpperCase() + team.slice(1)}
            </option>
          ))}
        </SelectField>
        <TextField label="Due" name="due" type="date" defaultValue={exception.due ?? ""} />
      </div>
      {command.error && <Message tone="broken">{command.error}</Message>}
      <div className="flex flex-wrap gap-2">
        <Button type="submit" pending={command.pending}>
          Assign
        </Button>
        {isMe && !isMine && (
          <Button
            pending={command.pending}
            onClick={() => command.run({ id, entityId, version, assigneeId: actorId })}
          >
            Assign to me
          </Button>
        )}
      </div>
    </form>
  );
}
