"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { comment } from "@/lib/exceptions/actions";

/** Adds words to the history of an exception. "@" and a name mentions somebody: they find it under what mentions them. */
export function CommentForm({
  id,
  entityId,
  people,
}: Readonly<{ id: string; entityId: string; people: readonly Readonly<{ id: string; name: string }>[] }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const command = useCommand(comment, {
    done: ({ mentioned }) =>
      mentioned.length > 0 ? `Comment added; it mentions ${mentioned.join(", ")}.` : "Comment added.",
    onDone: () => {
      form.current?.reset();
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    command.run({ id, entityId, text: String(new FormData(event.currentTarget).get("text") ?? "") });
  };
  const mention = (name: string) => {
    const text = form.current?.elements.namedItem("text");
    if (!(text instanceof HTMLTextAreaElement) || name === "") return;
    const gap = text.value === "" || /\s$/.test(text.value) ? "" : " ";
    text.value = `${text.value}${gap}@${name} `;
    text.focus();
  };
  return (
    <form ref={form} onSubmit={submit} className="flex flex-col gap-2">
      <TextareaField
        label="Comment"
        name="text"
        required
        maxLength={4000}
        hint="@ and a name mentions somebody"
        error={command.error ?? undefined}
      />
      <div className="flex flex-wrap items-center gap-2">
        <Button type="submit" pending={command.pending}>
          Add comment
        </Button>
        <SelectField
          label="Mention somebody"
          hideLabel
          value=""
          onChange={(event) => mention(event.target.value)}
          className="w-48"
        >
          <option value="">Mention somebody…</option>
          {people.map((person) => (
            <option key={person.id} value={person.name}>
              {person.name}
            </option>
          ))}
        </SelectField>
      </div>
    </form>
  );
}
