"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { comment } from "@/lib/exceptions/actions";
import { commentAdded } from "./comment-added";
import { MentionSelect } from "./mention-select";

/** Adds words to the history of an exception. "@" and a name mentions somebody: they find it under what mentions them. */
export function CommentForm({
  id,
  entityId,
  people,
}: Readonly<{ id: string; entityId: string; people: readonly Readonly<{ id: string; name: string }>[] }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const command = useCommand(comment, {
    done: commentAdded,
    onDone: () => {
      form.current?.reset();
      router.refresh();
    },
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    command.run({ id, entityId, text: String(new FormData(event.currentTarget).get("text") ?? "") });
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
        <MentionSelect people={people} />
      </div>
    </form>
  );
}
