"use client";

import type { ChangeEvent } from "react";
import { SelectField } from "@/components/ui/field";

/** Puts "@" and the name of whoever is chosen at the end of the form's field `text`, and goes on there. */
export function MentionSelect({
  people,
}: Readonly<{ people: readonly Readonly<{ id: string; name: string }>[] }>) {
  const mention = ({ target }: ChangeEvent<HTMLSelectElement>) => {
    const text = target.form?.elements.namedItem("text");
    if (!(text instanceof HTMLTextAreaElement) || target.value === "") return;
    const gap = text.value === "" || /\s$/.test(text.value) ? "" : " ";
    text.value = `${text.value}${gap}@${target.value} `;
    text.focus();
  };
  return (
    <SelectField label="Mention somebody" hideLabel value="" onChange={mention} className="w-48">
      <option value="">Mention somebody…</option>
      {people.map((person) => (
        <option key={person.id} value={person.name}>
          {person.name}
        </option>
      ))}
    </SelectField>
  );
}
