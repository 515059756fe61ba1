"use client";

import type { Route } from "next";
import { useRouter } from "next/navigation";
import { type ChangeEvent, type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { askForImport } from "@/lib/ownership/actions";

/** Takes the whole table from a CSV file: all of it or nothing. */
export function ImportForm() {
  const router = useRouter();
  const [text, setText] = useState("");
  const [movesOpen, setMovesOpen] = useState(false);
  const { run, pending, error } = useCommand(askForImport, {
    onDone: ({ id }) => router.push(`/settings/ownership?request=${id}` as Route),
  });
  const choose = async (event: ChangeEvent<HTMLInputElement>) => {
    setText((await event.target.files?.[0]?.text()) ?? "");
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ text, moveOpen: movesOpen });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2">
      <label className="flex flex-col gap-1 text-sm">
        <span className="font-medium">CSV file with the columns cause, entity, shop, team</span>
        <input type="file" accept=".csv,text/csv" onChange={choose} className="text-sm" />
      </label>
      <p className="text-soft text-xs">
        Empty cells mean all. Rows that the file leaves out stay. A line that can’t be taken stops the whole
        file.
      </p>
      <label className="flex items-center gap-2 text-sm">
        <input
          type="checkbox"
          className="size-4"
          checked={movesOpen}
          onChange={(event) => setMovesOpen(event.target.checked)}
        />
        Also give open exceptions that nobody has and nobody gave away to the teams of changed rows
      </label>
      {error && (
        <Message tone="broken" live>
          {error}
        </Message>
      )}
      <div>
        <Button type="submit" pending={pending} disabled={text === ""}>
          {pending ? "Previewing…" : "Preview and ask for approval"}
        </Button>
      </div>
    </form>
  );
}
