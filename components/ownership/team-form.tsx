"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { setTeam } from "@/lib/ownership/actions";

type Person = Readonly<{ id: string; name: string }>;

/** A team's name, lead and members; without a team: makes a new one. */
export function TeamForm({
  team,
  people,
}: Readonly<{
  team: Readonly<{ id: string; name: string; leadId: string | null; members: readonly Person[] }> | null;
  people: readonly Person[];
}>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(setTeam, {
    done: "Saved.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    run({
      id: team?.id ?? String(data.get("id") ?? ""),
      name: String(data.get("name") ?? ""),
      leadId: String(data.get("lead") ?? "") || null,
      memberIds: data.getAll("member").map(String),
      isNew: team === null,
    });
  };
  const has = new Set(team?.members.map((member) => member.id));
  return (
    <form onSubmit={submit} className="flex flex-col gap-3 pt-2">
      <div className="grid gap-3 sm:grid-cols-3">
        {team === null && (
          <TextField
            label="Short name"
            name="id"
            required
            maxLength={32}
            hint="Small letters, digits, hyphens; it stays"
            error={fieldErrors["id"]}
          />
        )}
        <TextField
          label="Name"
          name="name"
          required
          maxLength={60}
          defaultValue={team?.name ?? ""}
          error={fieldErrors["name"]}
        />
        <SelectField label="Lead" name="lead" defaultValue={team?.leadId ?? ""}>
          <option value="">Nobody: what is overdue is escalated to nobody</option>
          {people.map((person) => (
            <option key={person.id} value={person.id}>
              {person.name}
            </option>
          ))}
        </SelectField>
      </div>
      <fieldset className="flex flex-wrap gap-x-4 gap-y-1">
        <legend className="mb-1 font-medium text-sm">Members</legend>
        {people.map((person) => (
          <label key={person.id} className="flex min-h-8 items-center gap-2 text-sm">
            <input
              type="checkbox"
              name="member"
              value={person.id}
              defaultChecked={has.has(person.id)}
              className="size-4"
            />
            {person.name}
          </label>
        ))}
      </fieldset>
      {error && Object.keys(fieldErrors).length === 0 && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <div>
        <Button type="submit" pending={pending}>
          {team === null ? "Make the team" : "Save the team"}
        </Button>
      </div>
    </form>
  );
}
