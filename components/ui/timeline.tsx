import type { ReactNode } from "react";
import { cx } from "./class-names";
import { Instant } from "./instant";
import { inkTone, type Tone } from "./tone";
import { ToneIcon } from "./tone-icon";

/** Something that happened. `by` is a person, a system or a job. */
export type TimelineItem = Readonly<{
  id: string;
  at: Date;
  title: ReactNode;
  by?: string;
  body?: ReactNode;
  tone?: Tone;
}>;

/** What happened, newest or oldest first as given, in one time zone. */
export function Timeline({
  label,
  timeZone,
  items,
}: Readonly<{ label: string; timeZone: string; items: readonly TimelineItem[] }>) {
  return (
    <ol aria-label={label} className="flex flex-col">
      {items.map(({ id, at, title, by, body, tone = "neutral" }) => (
        <li
          key={id}
          className="relative flex gap-3 pb-4 before:absolute before:top-5 before:bottom-0 before:left-[7px] before:w-px before:bg-line last:pb-0 last:before:hidden"
        >
          <span className={cx("mt-0.5", inkTone[tone])}>
            <ToneIcon tone={tone} size={15} />
          </span>
          <div className="min-w-0 flex-1 text-sm">
            <div className="flex flex-wrap items-baseline justify-between gap-x-3">
              <span className="font-medium">{title}</span>
              <span className="text-soft text-xs">
                {by && `${by} · `}
                <Instant at={at} timeZone={timeZone} />
              </span>
            </div>
            {body && <div className="mt-0.5 whitespace-pre-wrap break-words text-soft">{body}</div>}
          </div>
        </li>
      ))}
    </ol>
  );
}
