"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { decideOnMappings, leaveOut } from "@/lib/mappings/actions";
import type { RequestView } from "@/lib/mappings/loaders";
import type { MappingDecision } from "@/lib/mappings/schema";
import { DecideForm } from "../decide-form";

/** Approves, rejects or withdraws a request. */
export function DecideRequest({ request }: Readonly<{ request: RequestView }>) {
  const { entityId, id, version } = request;
  const router = useRouter();
  const command = useCommand(
    async (input: MappingDecision) => {
      const answer = await decideOnMappings(input);
      // A refusal may have previewed it anew: what stands there now is shown.
      if (answer.serverError) router.refresh();
      return answer;
    },
    {
      done: ({ state }) =>
        ({
          made: request.effect
            ? "Made. The entity is reconciled with it now."
            : "Made. It moves no figure, and holds for what is done from now on.",
          rejected: "Rejected.",
          withdrawn: "Withdrawn.",
        })[state],
      onDone: () => router.refresh(),
    },
  );
  return (
    <DecideForm
      barred={request.barred}
      may={request.may}
      command={command}
      onDecide={(decision, why) => command.run({ entityId, id, version, decision, why })}
    />
  );
}

/** The rows of a request; while nobody has decided, some can be left out. */
export function RequestRows({ request }: Readonly<{ request: RequestView }>) {
  const { entityId, id, version, changes } = request;
  const router = useRouter();
  const [out, setOut] = useState<ReadonlySet<string>>(new Set());
  const { run, pending, error } = useCommand(leaveOut, {
    done: "Left out, and previewed again. Somebody else has to approve it.",
    onDone: () => {
      setOut(new Set());
      router.refresh();
    },
  });
  const editable = request.may.edit && changes.length > 1;
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({
      entityId,
      id,
      version,
      changes: changes.filter((one) => !out.has(one.words)).map((one) => one.change),
    });
  };
  const toggle = (words: string) => {
    const next = new Set(out);
    if (!next.delete(words)) next.add(words);
    setOut(next);
  };
  return (
    <form onSubmit={submit} aria-label="Rows of the request" className="flex flex-col gap-2">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label="Rows" tabIndex={0} className="relative max-h-80 overflow-auto">
        <ul className="flex flex-col text-sm">
          {changes.map(({ words }) => (
            <li key={words} className="border-line border-b py-1.5">
              {editable ? (
                <label className="flex min-h-6 items-center gap-2">
                  <input
                    type="checkbox"
                    className="size-4 accent-accent"
                    checked={!out.has(words)}
                    onChange={() => toggle(words)}
                  />
                  {words}
                </label>
              ) : (
                words
              )}
            </li>
          ))}
        </ul>
      </section>
      {out.size > 0 && (
        <div>
          <Button type="submit" pending={pending} disabled={out.size === changes.length}>
            {pending ? "Previewing…" : `Leave ${out.size} out and preview again`}
          </Button>
        </div>
      )}
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
    </form>
  );
}
