"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import { previewReferenceRules, proposeReferenceRules, saveReferenceRules } from "@/lib/pairing/actions";
import { RulesEffect } from "./rules-effect";

type Rules = Readonly<{
  prefixes: readonly string[];
  suffixes: readonly string[];
  separators: string;
  leadingZeros: boolean;
}>;
type Looked = Readonly<{ rules: Rules; preview: Parameters<typeof RulesEffect>[0]["preview"] }>;

const EMPTY: Rules = { prefixes: [], suffixes: [], separators: "", leadingZeros: false };
const lines = (text: string): string[] => text.split(",").flatMap((one) => one.trim() || []);

/** Sets how references of a connection are read: proposed, shown on the whole population, then saved. */
export function RulesForm({
  entityId,
  connectionId,
  name,
  rules,
}: Readonly<{ entityId: string; connectionId: string; name: string; rules: Rules | null }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const [filled, setFilled] = useState<Rules>(rules ?? EMPTY);
  const [looked, setLooked] = useState<Looked | null>(null);
  const of = { entityId, connectionId };
  const propose = useCommand(proposeReferenceRules, {
    done: (found) => (found ? "Rules proposed." : "No rule would help what is on its own."),
    onDone: (found) => {
      if (!found) return;
      setFilled(found.rules);
      setLooked(found);
    },
  });
  const look = useCommand(previewReferenceRules, { onDone: setLooked });
  const save = useCommand(saveReferenceRules, {
    done: ({ moved }) => `Saved; documents that changed their place: ${moved}.`,
    onDone: () => {
      setLooked(null);
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (field: string) => String(data.get(field) ?? "");
    look.run({
      ...of,
      rules: {
        prefixes: lines(text("prefixes")),
        suffixes: lines(text("suffixes")),
        separators: text("separators"),
        leadingZeros: data.get("zeros") === "on",
      },
    });
  };
  const error = save.error ?? look.error ?? propose.error;
  return (
    // What was proposed fills the form anew.
    <form
      ref={form}
      key={JSON.stringify(filled)}
      onSubmit={submit}
      aria-label={`Reference rules of ${name}`}
      className="flex flex-col gap-3"
    >
      <div className="grid gap-3 sm:grid-cols-3">
        <TextField
          label="Beginnings to leave out"
          name="prefixes"
          defaultValue={filled.prefixes.join(", ")}
          hint="With commas between; # is any digit, @ any letter"
        />
        <TextField
          label="Endings to leave out"
          name="suffixes"
          defaultValue={filled.suffixes.join(", ")}
          hint="The longest that fits is taken off, once"
        />
        <TextField
          label="Separators to leave out"
          name="separators"
          defaultValue={filled.separators}
          hint="Signs such as - / . and blanks"
        />
      </div>
      <label className="flex items-center gap-2 text-sm">
        <input type="checkbox" name="zeros" defaultChecked={filled.leadingZeros} />
        Leave out zeros in front
      </label>
      {error && <Message tone="broken">{error}</Message>}
      <div className="flex flex-wrap gap-2">
        <Button pending={propose.pending} onClick={() => propose.run(of)}>
          Propose from what is on its own
        </Button>
        <Button type="submit" pending={look.pending}>
          Show what these would do
        </Button>
      </div>
      {looked && (
        <>
          <RulesEffect preview={looked.preview} />
          <div>
            <Button
              variant="primary"
              pending={save.pending}
              onClick={() =>
                save.run({
                  ...of,
                  rules: {
                    ...looked.rules,
                    prefixes: [...looked.rules.prefixes],
                    suffixes: [...looked.rules.suffixes],
                  },
                })
              }
            >
              Save these rules
            </Button>
          </div>
        </>
      )}
    </form>
  );
}
