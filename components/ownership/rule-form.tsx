"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { askForOwner } from "@/lib/ownership/actions";

type Choice = Readonly<{ id: string; name: string }>;

/** Says who owns a cause: everywhere, in an entity, or in one of its shops. The same place again changes its team. */
export function RuleForm({
  causes,
  entities,
  shops,
  teams,
  everywhere,
}: Readonly<{
  causes: readonly Readonly<{ code: string; title: string }>[];
  entities: readonly Choice[];
  shops: readonly Readonly<{ id: string; entityId: string; name: string }>[];
  teams: readonly Choice[];
  /** whether the person may say what counts in all entities */
  everywhere: boolean;
}>) {
  const router = useRouter();
  const first = everywhere ? "" : (entities[0]?.id ?? "");
  const [entity, setEntity] = useState(first);
  const { run, pending, error } = useCommand(askForOwner, {
    onDone: ({ id }) => router.push(`/settings/ownership?request=${id}` as Route),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "");
    run({
      cause: text("cause"),
      entityId: text("entity") || null,
      shopId: text("shop") || null,
      team: text("team"),
      moveOpen: data.get("move") === "on",
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-4">
        <SelectField label="Cause" name="cause" required>
          {causes.map((cause) => (
            <option key={cause.code} value={cause.code}>
              {cause.title}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Entity"
          name="entity"
          value={entity}
          onChange={(event) => setEntity(event.target.value)}
        >
          {everywhere && <option value="">All entities</option>}
          {entities.map((one) => (
            <option key={one.id} value={one.id}>
              {one.name} ({one.id})
            </option>
          ))}
        </SelectField>
        <SelectField label="Shop" name="shop" key={entity}>
          <option value="">All shops</option>
          {shops
            .filter((shop) => shop.entityId === entity)
            .map((shop) => (
              <option key={shop.id} value={shop.id}>
                {shop.name}
              </option>
            ))}
        </SelectField>
        <SelectField label="Team" name="team" required>
          {teams.map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
        </SelectField>
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="move" className="size-4" />
        Also give it the open exceptions that nobody has and nobody gave away
      </label>
      <p className="max-w-prose text-soft text-xs">
        It holds from the moment it is approved: for what is found from then on and, with the tick, for what
        is open. What is open keeps its team otherwise, and always where somebody has it or gave it away. A
        second person approves it where the entity’s mappings need one; a row for all entities, where any
        entity’s do.
      </p>
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <div>
        <Button type="submit" variant="primary" pending={pending}>
          {pending ? "Previewing…" : "Preview and ask for approval"}
        </Button>
      </div>
    </form>
  );
}
