"use client";

import { useState } from "react";
import { cx } from "@/components/ui/class-names";

declare global {
  interface Window {
    /** Put there by the script in the document's head; absent where storage is forbidden. */
    applyPreferences?: () => void;
  }
}

/** How the pages look in this browser: one choice of a few, remembered here and nowhere else. */
export function Preference({
  name,
  label,
  choices,
}: Readonly<{
  name: "theme" | "density";
  label: string;
  choices: readonly [Choice, ...Choice[]];
}>) {
  // The menu opens on a click, so this never runs on the server.
  const [chosen, setChosen] = useState(() => localStorage.getItem(name) ?? choices[0].value);
  const choose = (value: string) => {
    localStorage.setItem(name, value);
    window.applyPreferences?.();
    setChosen(value);
  };
  return (
    <fieldset className="flex items-center justify-between gap-3 px-2 py-1.5 text-sm">
      <legend className="sr-only">{label}</legend>
      <span aria-hidden className="text-soft">
        {label}
      </span>
      <span className="flex rounded-md border border-line p-0.5">
        {choices.map((choice) => (
          <label
            key={choice.value}
            className={cx(
              "cursor-pointer rounded px-2 py-0.5 text-xs has-focus-visible:outline-2 has-focus-visible:outline-accent",
              chosen === choice.value ? "bg-selected font-medium text-ink" : "text-soft hover:text-ink",
            )}
          >
            <input
              type="radio"
              name={name}
              value={choice.value}
              checked={chosen === choice.value}
              onChange={() => choose(choice.value)}
              className="sr-only"
            />
            {choice.label}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

type Choice = Readonly<{ value: string; label: string }>;
