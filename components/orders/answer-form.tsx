"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { TextareaField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { answer } from "@/lib/orders/actions";

/** Answers the question that an exception stands for. */
export function AnswerForm({ entityId, exceptionId }: Readonly<{ entityId: string; exceptionId: string }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(answer, {
    done: "Answered. Whoever asked sees it on the order.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    run({ entityId, exceptionId, answer: String(new FormData(event.currentTarget).get("answer") ?? "") });
  };
  return (
    <Card title="Answer">
      <form onSubmit={submit} className="flex flex-col gap-2">
        <TextareaField
          label="Your answer"
          name="answer"
          required
          minLength={2}
          maxLength={4000}
          hint="Whoever asked reads it on the order’s page; the exception closes"
          error={fieldErrors["answer"] ?? error ?? undefined}
        />
        <div>
          <Button type="submit" variant="primary" pending={pending}>
            Answer
          </Button>
        </div>
      </form>
    </Card>
  );
}
