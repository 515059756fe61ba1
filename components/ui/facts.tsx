import type { ReactNode } from "react";

/** What is known about one thing: labels and values, two columns wide where there is room. */
export function Facts({
  items,
}: Readonly<{ items: readonly Readonly<{ label: string; value: ReactNode }>[] }>) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-4 gap-y-1.5 text-sm">
      {items.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt className="text-soft">{label}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
