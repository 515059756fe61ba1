import { Badge } from "@/components/ui/badge";
import type { Tone } from "@/components/ui/tone";

const looks: Readonly<Record<string, readonly [Tone, string]>> = {
  waiting: ["neutral", "Waiting"],
  running: ["explained", "Running"],
  done: ["agrees", "Done"],
  failed: ["broken", "Failed"],
  stopped: ["attention", "Stopped"],
};

/** How a run ended, or that it has not; records that could not be read are said with it. */
export function RunState({ state, failed = 0 }: Readonly<{ state: string; failed?: number }>) {
  const [tone, word] = looks[state] ?? (["neutral", state] as const);
  if (state === "done" && failed > 0) return <Badge tone="attention">Done, {failed} unreadable</Badge>;
  return <Badge tone={tone}>{word}</Badge>;
}

const kinds: Readonly<Record<string, string>> = {
  sync: "Sync",
  reconcile: "Reconciliation",
  import: "File import",
  recount: "Second count",
  backfill: "Back-fill",
  sweep: "Month read again",
  resync: "Resync of several orders",
};

/** What kind of run it is, for people. */
export const runKind = (kind: string): string => kinds[kind] ?? kind;
