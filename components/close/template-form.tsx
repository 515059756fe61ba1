"use client";

import { useRouter } from "next/navigation";
import type { FormEvent } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextareaField, TextField } from "@/components/ui/field";
import { useCommand } from "@/components/ui/use-command";
import { setTemplate } from "@/lib/close/actions";
import type { Template } from "@/lib/close/templates";

type Choice = Readonly<{ id: string; name: string }>;

/** A task of the checklist of every month: a new one, or one that is changed. */
export function TemplateForm({
  entityId,
  template,
  others,
  people,
  teams,
}: Readonly<{
  entityId: string;
  template: Template | null;
  others: readonly Readonly<{ id: string; title: string }>[];
  people: readonly Choice[];
  teams: readonly Choice[];
}>) {
  const router = useRouter();
  const command = useCommand(setTemplate, {
    done: "The checklist of every month is changed.",
    onDone: () => router.refresh(),
  });
  const { fieldErrors } = command;
  const send = (form: FormData, retire: boolean) => {
    const text = (name: string) => String(form.get(name) ?? "");
    command.run({
      entityId,
      id: template?.id ?? "",
      title: text("title"),
      what: text("what"),
      ownerTeam: text("ownerTeam"),
      ownerId: text("ownerId"),
      needsReview: text("review") !== "nobody",
      reviewerId: ["nobody", "anybody"].includes(text("review")) ? "" : text("review"),
      dueDay: text("dueDay"),
      after: form.getAll("after").map(String),
      retire,
    });
  };
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const { submitter } = event.nativeEvent as SubmitEvent;
    send(new FormData(event.currentTarget), submitter?.getAttribute("value") === "retire");
  };
  const byFact = template?.rule != null;
  return (
    <form
      onSubmit={submit}
      noValidate
      aria-label={template ? `Change: ${template.title}` : "New task"}
      className="flex max-w-3xl flex-col gap-3 pt-2"
    >
      <TextField
        label="What has to be done"
        name="title"
        required
        maxLength={200}
        defaultValue={template?.title}
        error={fieldErrors["title"]}
      />
      <TextareaField
        label="How, in a sentence"
        name="what"
        rows={2}
        maxLength={2000}
        defaultValue={template?.what}
        error={fieldErrors["what"]}
      />
      <div className="grid gap-3 md:grid-cols-2 xl:grid-cols-4">
        <SelectField label="Team" name="ownerTeam" defaultValue={template?.ownerTeam ?? "finance"}>
          {teams.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        <SelectField label="Owner" name="ownerId" defaultValue={template?.ownerId ?? ""}>
          <option value="">whoever of the team</option>
          {people.map(({ id, name }) => (
            <option key={id} value={id}>
              {name}
            </option>
          ))}
        </SelectField>
        {!byFact && (
          <SelectField
            label="Reviewed by"
            name="review"
            defaultValue={template?.needsReview ? (template.reviewerId ?? "anybody") : "nobody"}
            hint="Never who did it"
          >
            <option value="nobody">nobody</option>
            <option value="anybody">anybody else</option>
            {people.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </SelectField>
        )}
        <TextField
          label="Due on working day"
          name="dueDay"
          defaultValue={String(template?.dueDay ?? 1)}
          hint="1 is the first after the month, −1 its last"
          error={fieldErrors["dueDay"]}
        />
      </div>
      {others.length > 0 && (
        <fieldset className="flex flex-col gap-1">
          <legend className="font-medium text-sm">Comes after</legend>
          <div className="grid gap-1 md:grid-cols-2">
            {others.map(({ id, title }) => (
              <label key={id} className="flex items-center gap-2 py-0.5 text-sm">
                <input
                  type="checkbox"
                  name="after"
                  value={id}
                  defaultChecked={template?.after.includes(id)}
                  className="size-4"
                />
                {title}
              </label>
            ))}
          </div>
        </fieldset>
      )}
      {command.error && Object.keys(fieldErrors).length === 0 && (
        <p role="alert" className="text-broken text-sm">
          {command.error}
        </p>
      )}
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={command.pending}>
          {template ? "Change it" : "Add it"}
        </Button>
        {template && (
          <Button type="submit" variant="danger" value="retire" pending={command.pending}>
            Take it off
          </Button>
        )}
      </div>
    </form>
  );
}
