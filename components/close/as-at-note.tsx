import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Message } from "@/components/ui/message";
import { oneParam, type SearchParams, withParams } from "@/components/ui/search-params";
import type { At } from "@/lib/close/at";
import { momentFrom } from "@/lib/moves/schema";

/** That a page speaks as at a date, and what of it does not; or the way to see it as at one. `here` is the page's path. */
export function AsAtNote({
  at,
  here,
  asked,
  children,
}: Readonly<{
  at: At | null;
  here: string;
  asked: SearchParams;
  /** what is not kept by date, in sentences; shown as at a date only */
  children?: ReactNode;
}>) {
  if (at === null) return <AsAtForm asked={asked} />;
  return (
    <Message
      tone="attention"
      title={`This is as at ${at.words}, not as it is today.`}
      action={
        <Link
          href={`${here}${withParams(asked, { at: null, page: null })}` as Route}
          className="underline underline-offset-4"
        >
          Show today
        </Link>
      }
    >
      {at.instead && <p>{at.instead}</p>}
      {children}
    </Message>
  );
}

/** That a page shows today, where its address asks for another day: what it shows is not kept by date. */
export function TodayNote({ asked, what }: Readonly<{ asked: SearchParams; what: string }>) {
  if (momentFrom(oneParam(asked["at"])) === null) return null;
  return (
    <Message tone="attention" title="This is as it is today.">
      {what} is not kept by date: it is not as at the day that you looked at.
    </Message>
  );
}

/** Which day: a plain form, so that the address holds the answer with all else that it says. */
function AsAtForm({ asked }: Readonly<{ asked: SearchParams }>) {
  const kept = Object.entries(asked).flatMap(([name, value]) =>
    name === "at" || name === "page" || value === undefined
      ? []
      : [value].flat().map((one) => [name, one] as const),
  );
  return (
    <details className="text-sm" data-screen-only>
      <summary className="w-fit cursor-pointer text-soft">See it as at a date</summary>
      <form method="get" className="flex flex-wrap items-end gap-3 pt-2">
        {kept.map(([name, value]) => (
          <input key={`${name} ${value}`} type="hidden" name={name} value={value} />
        ))}
        <TextField label="As at the end of" name="at" type="date" className="w-40" />
        <Button type="submit">Show</Button>
      </form>
    </details>
  );
}
