import { Badge } from "@/components/ui/badge";
import type { Tone } from "@/components/ui/tone";

const looks: Readonly<Record<string, readonly [Tone, string]>> = {
  new: ["attention", "New"],
  assigned: ["attention", "Assigned"],
  "in-progress": ["attention", "In progress"],
  waiting: ["attention", "Waiting"],
  resolved: ["agrees", "Resolved"],
  accepted: ["explained", "Accepted"],
  explained: ["explained", "Explained"],
};

/** The state of an exception: icon, word and colour. */
export function StateBadge({ state }: Readonly<{ state: string }>) {
  const [tone, word] = looks[state] ?? (["neutral", state] as const);
  return <Badge tone={tone}>{word}</Badge>;
}

/** The cause of an exception; red where nothing explains it or its payload could not be read. */
export function CauseBadge({
  cause,
  title,
  state,
}: Readonly<{ cause: string; title: string; state: string }>) {
  const settled = state === "resolved" || state === "accepted" || state === "explained";
  const tone = settled
    ? "explained"
    : cause === "unexplained" || cause === "record-failed"
      ? "broken"
      : "attention";
  return <Badge tone={tone}>{title}</Badge>;
}
