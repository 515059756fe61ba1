import { ExpectedChanges } from "@/components/ui/expected-changes";
import { Instant } from "@/components/ui/instant";
import type { Expected } from "@/lib/resolutions/contract";

/** What a plan is expected to change in the other system, and which exceptions it is expected to close. */
export function ExpectedOf({ expects }: Readonly<{ expects: Expected }>) {
  const { name, changes, readAt, timeZone, closes, besides } = expects;
  return (
    <ExpectedChanges
      name={name}
      changes={changes}
      readAt={<Instant at={new Date(readAt)} timeZone={timeZone} withZone />}
      closes={closes}
      besides={besides}
    />
  );
}
