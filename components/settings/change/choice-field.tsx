"use client";

import { useState } from "react";
import { SelectField, TextField } from "@/components/ui/field";

export type Option = Readonly<{ value: string; label: string }>;

const OTHER = "…other";

/** A choice of the values that are known; "another" opens a field for one that is not. */
export function ChoiceField({
  label,
  otherLabel,
  options,
  value,
  onValue,
  error,
  hint,
}: Readonly<{
  label: string;
  /** the label of the field for a value that is not known yet */
  otherLabel: string;
  options: readonly Option[];
  value: string;
  onValue: (value: string) => void;
  error: string | undefined;
  hint?: string;
}>) {
  const [typing, setTyping] = useState(value !== "" && !options.some((option) => option.value === value));
  const choose = (chosen: string) => {
    setTyping(chosen === OTHER);
    onValue(chosen === OTHER ? "" : chosen);
  };
  return (
    <>
      <SelectField
        label={label}
        value={typing ? OTHER : value}
        onChange={(event) => choose(event.target.value)}
        error={typing ? undefined : error}
      >
        {value === "" && !typing && <option value="">Choose…</option>}
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
        <option value={OTHER}>Another…</option>
      </SelectField>
      {typing && (
        <TextField
          label={otherLabel}
          value={value}
          onChange={(event) => onValue(event.target.value)}
          error={error}
          hint={hint}
        />
      )}
    </>
  );
}
