import { CircleAlert, CircleCheck, CircleDot, Info, OctagonX } from "lucide-react";
import type { Tone } from "./tone";

const icons = {
  agrees: CircleCheck,
  explained: Info,
  attention: CircleAlert,
  broken: OctagonX,
  neutral: CircleDot,
} as const satisfies Record<Tone, unknown>;

/** The icon of a meaning; decoration beside its word. */
export function ToneIcon({ tone, size = 14 }: Readonly<{ tone: Tone; size?: number }>) {
  const Icon = icons[tone];
  return <Icon aria-hidden size={size} className="shrink-0" />;
}
