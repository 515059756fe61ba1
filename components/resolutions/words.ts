import type { Tone } from "@/components/ui/tone";
import type { AttemptState } from "@/lib/resolutions/machine";

const looks: Readonly<Record<AttemptState, readonly [Tone, string]>> = {
  asked: ["attention", "Waits for approval"],
  claimed: ["explained", "Not sent yet"],
  writing: ["explained", "Being sent"],
  "reading-back": ["explained", "Being read back"],
  waiting: ["explained", "Waiting for its effect"],
  instructed: ["attention", "To be done by hand"],
  proved: ["agrees", "Done and proved"],
  reopened: ["broken", "Not done"],
  refused: ["attention", "Not sent"],
  failed: ["broken", "Not sent"],
  rejected: ["neutral", "Rejected"],
  cancelled: ["neutral", "Withdrawn"],
};

export const stateTone = (state: AttemptState): Tone => looks[state][0];
/** What a state of a resolution is called. */
export const stateWord = (state: AttemptState): string => looks[state][1];
