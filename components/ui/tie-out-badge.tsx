import { type TieOutState, tieOutState, tieOutWords } from "@/lib/domain/tie-out";
import { Badge } from "./badge";
import type { Tone } from "./tone";

const tones: Readonly<Record<TieOutState, Tone>> = {
  "ties-out": "agrees",
  "ties-out-so-far": "agrees",
  "explained-so-far": "explained",
  "does-not-tie-out": "attention",
};

/** Whether a month ties out; of one that has not ended, whether it does so far. */
export function TieOutBadge(of: Readonly<{ tiesOut: boolean; ended: boolean; differs: boolean }>) {
  const state = tieOutState(of);
  return <Badge tone={tones[state]}>{tieOutWords[state]}</Badge>;
}
