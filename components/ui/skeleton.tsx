import { cx } from "./class-names";

/** The shape of something that is on its way. */
export function Skeleton({ className }: Readonly<{ className?: string }>) {
  return <div aria-hidden className={cx("animate-pulse rounded bg-line", className)} />;
}

const keys = (count: number): string[] => Array.from({ length: count }, (_, index) => `row-${index}`);

/** A table on its way. */
export function TableSkeleton({ rows = 8, label = "Loading…" }: Readonly<{ rows?: number; label?: string }>) {
  return (
    <div role="status" aria-label={label}>
      <Skeleton className="h-8 rounded-none" />
      {keys(rows).map((key) => (
        <div key={key} className="flex h-(--row) items-center gap-6 border-line border-b px-3">
          <Skeleton className="h-3 w-24" />
          <Skeleton className="h-3 w-40 flex-1" />
          <Skeleton className="h-3 w-20" />
        </div>
      ))}
    </div>
  );
}

/** A card on its way. */
export function CardSkeleton({
  lines = 4,
  label = "Loading…",
}: Readonly<{ lines?: number; label?: string }>) {
  return (
    <div role="status" aria-label={label} className="rounded-lg border border-line bg-surface p-4">
      <Skeleton className="mb-4 h-4 w-40" />
      {keys(lines).map((key) => (
        <Skeleton key={key} className="mb-2 h-3 w-full" />
      ))}
    </div>
  );
}
