import { dayIn, dayName } from "@/lib/domain/day";
import { cx } from "./class-names";

const options = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;

const clockIn = (at: Date, timeZone: string, seconds = false): string =>
  new Intl.DateTimeFormat("en-GB", {
    ...options,
    ...(seconds ? { second: "2-digit" } : {}),
    timeZone,
  }).format(at);

/** "CET", "GMT+1", "BST": what the zone is called at that instant. */
export function zoneName(at: Date, timeZone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", { timeZone, timeZoneName: "short" }).formatToParts(at);
  return parts.find(({ type }) => type === "timeZoneName")?.value ?? timeZone;
}

/** "23 Nov 08:14", with the year where it is another than `now`'s. */
export function instantText(at: Date, timeZone: string, now?: Date): string {
  const day = dayIn(at, timeZone);
  const sameYear = now === undefined || dayIn(now, timeZone).slice(0, 4) === day.slice(0, 4);
  return `${sameYear ? dayName(day).slice(0, -5) : dayName(day)} ${clockIn(at, timeZone)}`;
}

/** An instant in the entity's time zone; the whole of it, with zone and year, on hover and focus. `seconds`: to the second. */
export function Instant({
  at,
  timeZone,
  seconds = false,
  withZone = false,
  className,
}: Readonly<{
  at: Date;
  timeZone: string;
  seconds?: boolean;
  /** where instants of several zones stand together: the zone is shown beside each */
  withZone?: boolean;
  className?: string;
}>) {
  const full = `${dayName(dayIn(at, timeZone))} ${clockIn(at, timeZone, seconds)} ${zoneName(at, timeZone)}`;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the zone must be reachable without a mouse
    <time dateTime={at.toISOString()} tabIndex={0} className={cx("group relative figures", className)}>
      {instantText(at, timeZone)}
      {seconds && clockIn(at, timeZone, true).slice(5)}
      {withZone && ` ${zoneName(at, timeZone)}`}
      <span
        role="tooltip"
        className="pointer-events-none absolute right-0 bottom-full z-30 mb-1 hidden rounded bg-ink px-2 py-1 text-canvas text-xs shadow-float group-hover:block group-focus:block"
      >
        {full}
      </span>
    </time>
  );
}

/** A day of the books: "12 Nov 2026". */
export function DayText({ day, className }: Readonly<{ day: string; className?: string }>) {
  return (
    <time dateTime={day} className={cx("figures", className)}>
      {dayName(day)}
    </time>
  );
}

const STEPS = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
] as const;

/** A span of time in words: "3 days", "2 hours", "less than a minute". */
export function durationText(milliseconds: number): string {
  for (const [size, unit] of STEPS) {
    const count = Math.floor(milliseconds / size);
    if (count >= 1) return `${count} ${unit}${count === 1 ? "" : "s"}`;
  }
  return "less than a minute";
}
