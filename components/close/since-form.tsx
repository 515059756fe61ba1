import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";

/** Which two days are compared; a plain form, so that the address holds the answer. `kept` is the rest of the address. */
export function SinceForm({
  since,
  at,
  kept,
}: Readonly<{
  since: string | null;
  at: string | null;
  kept: Readonly<Record<string, string | undefined>>;
}>) {
  return (
    <form method="get" className="flex flex-wrap items-end gap-3">
      {Object.entries(kept).map(([name, value]) =>
        value === undefined ? null : <input key={name} type="hidden" name={name} value={value} />,
      )}
      <TextField
        label="Since the end of"
        name="since"
        type="date"
        defaultValue={since ?? ""}
        className="w-40"
      />
      <TextField label="As at the end of" name="at" type="date" defaultValue={at ?? ""} className="w-40" />
      <Button type="submit">Show</Button>
    </form>
  );
}
