import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";

/** Finds what is locked by words. The address is its state: `keep` is the rest of it. */
export function LockedSearch({
  action,
  value,
  keep,
  label,
}: Readonly<{ action: string; value: string; label: string; keep: Readonly<Record<string, string>> }>) {
  return (
    <form
      action={action}
      method="get"
      aria-label="Search what is locked"
      className="flex flex-wrap items-end gap-2 p-3"
      data-screen-only
    >
      {Object.entries(keep).map(([name, kept]) => (
        <input key={name} type="hidden" name={name} value={kept} />
      ))}
      <TextField
        label={label}
        name="q"
        type="search"
        maxLength={100}
        defaultValue={value}
        className="w-full max-w-80"
      />
      <Button type="submit">Search</Button>
    </form>
  );
}
