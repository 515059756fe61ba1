"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { useCommand } from "@/components/ui/use-command";
import type { HolidayCountry } from "@/lib/domain/holidays";
import { setCalendarDay, setHolidayCountry } from "@/lib/ownership/actions";

/** Whose holidays an entity keeps: a country's, a region's, or none but entered days. */
export function CountryForm({
  entityId,
  stated,
  suggested,
  places,
}: Readonly<{
  entityId: string;
  stated: string | null;
  suggested: string | null;
  places: readonly HolidayCountry[];
}>) {
  const router = useRouter();
  const { run, pending, error } = useCommand(setHolidayCountry, {
    done: "Saved for what is found from now on.",
    onDone: () => router.refresh(),
  });
  const statedCountry = stated === null || stated === "-" ? stated : stated.slice(0, 2);
  const isKnown =
    statedCountry === null || statedCountry === "-" || places.some((one) => one.code === statedCountry);
  const [kind, setKind] = useState(statedCountry === null ? "zone" : isKnown ? statedCountry : "other");
  const regions = places.find((one) => one.code === kind)?.regions ?? [];
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) =>
      String(data.get(name) ?? "")
        .trim()
        .toUpperCase();
    const country = kind === "zone" ? null : kind === "other" ? text("other") : text("region") || kind;
    run({ entityId, country });
  };
  return (
    <form onSubmit={submit} className="flex flex-wrap items-end gap-3">
      <SelectField
        label="Holidays"
        value={kind}
        onChange={(event) => setKind(event.target.value)}
        className="w-80 max-w-full"
      >
        <option value="zone">
          As its time zone suggests ({suggested ?? "weekends and entered days only"})
        </option>
        {places.map(({ code, name }) => (
          <option key={code} value={code}>
            {name}
          </option>
        ))}
        <option value="other">Another country: the days entered for it</option>
        <option value="-">Weekends and the entity’s own days only</option>
      </SelectField>
      {regions.length > 0 && (
        <SelectField
          key={kind}
          label="Region"
          name="region"
          defaultValue={regions.some((one) => one.code === stated) ? (stated ?? "") : ""}
          className="w-64 max-w-full"
        >
          <option value="">the whole country’s only</option>
          {regions.map(({ code, name }) => (
            <option key={code} value={code}>
              {name}
            </option>
          ))}
        </SelectField>
      )}
      {kind === "other" && (
        <TextField
          label="Other country"
          name="other"
          maxLength={2}
          defaultValue={isKnown ? "" : (stated ?? "")}
          className="w-28"
        />
      )}
      <Button type="submit" pending={pending}>
        Save
      </Button>
      {error && <Message tone="broken">{error}</Message>}
    </form>
  );
}

/** Enters a holiday, or a day that is worked although it is one. */
export function DayForm({
  entityId,
  country,
  everywhere,
}: Readonly<{ entityId: string; country: string | null; everywhere: boolean }>) {
  const router = useRouter();
  const { run, pending, error, fieldErrors } = useCommand(setCalendarDay, {
    done: "Saved for what is found from now on.",
    onDone: () => router.refresh(),
  });
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget);
    const text = (name: string) => String(data.get(name) ?? "");
    run({
      entityId,
      country: text("for") === "country" ? country : null,
      day: text("day"),
      working: text("kind") === "working",
      name: text("name"),
    });
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-3">
      <div className="grid gap-3 sm:grid-cols-4">
        <TextField label="Day" name="day" type="date" required error={fieldErrors["day"]} />
        <TextField label="Name" name="name" required maxLength={80} error={fieldErrors["name"]} />
        <SelectField label="It is" name="kind">
          <option value="holiday">free</option>
          <option value="working">worked</option>
        </SelectField>
        <SelectField label="For" name="for">
          <option value="entity">this entity</option>
          {country !== null && everywhere && (
            <option value="country">every entity that keeps the days of {country}</option>
          )}
        </SelectField>
      </div>
      {error && Object.keys(fieldErrors).length === 0 && <Message tone="broken">{error}</Message>}
      <div>
        <Button type="submit" pending={pending}>
          Enter the day
        </Button>
      </div>
    </form>
  );
}
