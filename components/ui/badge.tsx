import type { ReactNode } from "react";
import { cx } from "./class-names";
import { softTone, type Tone } from "./tone";
import { ToneIcon } from "./tone-icon";

/** A state or a cause: icon, word and colour, never the colour alone. */
export function Badge({
  tone = "neutral",
  icon,
  children,
}: Readonly<{ tone?: Tone; icon?: ReactNode; children: ReactNode }>) {
  return (
    <span
      className={cx(
        "inline-flex max-w-full align-middle items-center gap-1 rounded px-1.5 py-0.5 font-medium text-xs",
        softTone[tone],
      )}
    >
      {icon ?? <ToneIcon tone={tone} size={12} />}
      <span className="truncate">{children}</span>
    </span>
  );
}
