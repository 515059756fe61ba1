import { Badge } from "@/components/ui/badge";
import type { Tone } from "@/components/ui/tone";
import type { Lag } from "@/lib/sync/lag";

const looks: Readonly<Record<Lag["state"], readonly [Tone, string, string]>> = {
  current: ["agrees", "Current", "bg-agrees"],
  late: ["attention", "Late", "bg-attention"],
  behind: ["broken", "Behind", "bg-broken"],
  never: ["attention", "Never synced", "bg-attention"],
};

/** How much of its promise a feed has used up, as a bar and in words. */
export function LagBar({ lag }: Readonly<{ lag: Lag }>) {
  const [tone, word, fill] = looks[lag.state];
  const percent = Math.round(lag.share * 100);
  return (
    <div className="flex min-w-40 flex-col gap-1 py-1.5">
      <div className="flex items-center justify-between gap-2">
        <Badge tone={tone}>{word}</Badge>
        <span className="figures text-soft text-xs">{lag.words}</span>
      </div>
      <div aria-hidden className="h-1.5 overflow-hidden rounded-full bg-sunken">
        <div className={`h-full ${fill}`} style={{ width: `${Math.max(2, percent)}%` }} />
      </div>
    </div>
  );
}
