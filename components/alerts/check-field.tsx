import type { ComponentProps } from "react";

/** Something that is on or off, with its label beside it. */
export function CheckField({ label, ...input }: Readonly<{ label: string }> & ComponentProps<"input">) {
  return (
    <label className="flex min-h-[28px] items-center gap-2 text-sm max-md:min-h-[40px]">
      <input type="checkbox" {...input} className="size-4 shrink-0 accent-accent" />
      {label}
    </label>
  );
}
