import type { ReactNode } from "react";
import { cx } from "./class-names";
import { softTone, type Tone } from "./tone";
import { ToneIcon } from "./tone-icon";

/** A sentence that must be read: what happened, what it means, what to do. `live` announces it when it appears. */
export function Message({
  tone = "neutral",
  title,
  live = false,
  action,
  children,
}: Readonly<{ tone?: Tone; title?: string; live?: boolean; action?: ReactNode; children?: ReactNode }>) {
  const role = live ? (tone === "broken" ? "alert" : "status") : undefined;
  return (
    <div role={role} className={cx("flex items-start gap-2 rounded-md px-3 py-2 text-sm", softTone[tone])}>
      <span className="mt-0.5">
        <ToneIcon tone={tone} size={16} />
      </span>
      <div className="min-w-0 flex-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className="text-ink">{children}</div>}
      </div>
      {action}
    </div>
  );
}
