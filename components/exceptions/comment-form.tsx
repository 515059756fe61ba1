"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useRef } from "react";
import { Button } from "@/components/ui/button";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { comment } from "@/lib/exceptions/actions";

/** Adds words to the history of an exception. */
export function CommentForm({ id, entityId }: Readonly<{ id: string; entityId: string }>) {
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const command = useCommand(comment, {
    done: "Comment added.",
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
        error={command.error ?? undefined}
      />
      <div>
        <Button type="submit" pending={command.pending}>
          Add comment
        </Button>
      </div>
    </form>
  );
}
