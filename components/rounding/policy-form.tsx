"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button, ButtonLink } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import type { RoundingPolicy } from "@/lib/domain/tax/policy";
import { confirm, inspect } from "@/lib/rounding/actions";

type Choice = Readonly<{ key: string; policy: RoundingPolicy; label: string; current: boolean }>;

/** Confirms the policy that stands, or sets another one; or holds all of them against the documents once more. */
export function PolicyForm({
  entityId,
  connection,
}: Readonly<{
  entityId: string;
  connection: Readonly<{
    id: string;
    name: string;
    seen: string;
    confirmedOn: string | null;
    choices: readonly Choice[];
  }>;
}>) {
  const router = useRouter();
  const { id, name, seen, choices } = connection;
  const current = choices.find((one) => one.current)?.key ?? choices[0]?.key;
  // With what was seen, as the form is: after a change the choice begins again with what is so now.
  const [choice, setChoice] = useState({ seen, key: current });
  const chosenKey = choice.seen === seen ? choice.key : current;
  const changesNothing = connection.confirmedOn !== null && chosenKey === current;
  const confirming = useCommand(confirm, {
    done: ({ words }: { words: string }) => `${name} rounds ${words}. The next reconciliation uses it.`,
    onDone: () => router.refresh(),
  });
  const inspecting = useCommand(inspect, {
    done: ({ documents }: { documents: number }) =>
      `Held against ${documents.toLocaleString("en")} documents of ${name}.`,
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const key = String(new FormData(event.currentTarget).get("policy") ?? "");
    const chosen = choices.find((one) => one.key === key);
    if (chosen) confirming.run({ entityId, id, policy: chosen.policy, seen });
  };
  const error = confirming.error ?? inspecting.error;
  return (
    // What was seen is the key: after a change the form begins again with what is so now.
    <form key={seen} onSubmit={submit} className="flex flex-wrap items-end gap-2">
      <SelectField
        label={`${name} rounds`}
        name="policy"
        className="min-w-0 max-w-full grow basis-72"
        defaultValue={current}
        onChange={(event) => setChoice({ seen, key: event.currentTarget.value })}
      >
        {choices.map((one) => (
          <option key={one.key} value={one.key}>
            {one.label}
          </option>
        ))}
      </SelectField>
      <Button type="submit" variant="primary" pending={confirming.pending} disabled={changesNothing}>
        {connection.confirmedOn === null ? "Confirm" : "Change"}
      </Button>
      <Button pending={inspecting.pending} onClick={() => inspecting.run({ entityId, id })}>
        Look at the documents again
      </Button>
      <ButtonLink
        variant="quiet"
        href={
          `/settings/change?${new URLSearchParams({ entity: entityId, change: "rounding", connectionId: id })}` as Route
        }
      >
        Try a change first
      </ButtonLink>
      {error && (
        <div className="basis-full">
          <Message tone="broken" live>
            {error}
          </Message>
        </div>
      )}
    </form>
  );
}
