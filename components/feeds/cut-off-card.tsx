import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import type { Tone } from "@/components/ui/tone";
import { allAtCutOff, type CutOffState } from "@/lib/domain/cut-off";
import { monthName } from "@/lib/domain/day";
import { feedName } from "@/lib/domain/feed-name";
import type { CutOff } from "@/lib/sync/data-cut-off";
import { CutOffForm } from "./cut-off-form";

const looks: Readonly<Record<CutOffState, readonly [Tone, string]>> = {
  current: ["agrees", "Current to the cut-off"],
  "to-come": ["neutral", "The cut-off is still to come"],
  behind: ["attention", "Not current to the cut-off"],
};

/** The cut-off of a month, and whether each financial feed was confirmed up to it. */
export function CutOffCard({
  cutOff,
  entityId,
  timeZone,
  maySet,
}: Readonly<{ cutOff: CutOff; entityId: string; timeZone: string; maySet: boolean }>) {
  const [tone, words] = looks[allAtCutOff(cutOff.feeds.map((feed) => feed.state))];
  const late = cutOff.feeds.filter((feed) => feed.state !== "current");
  return (
    <Card title={`Cut-off of ${monthName(cutOff.month)}`}>
      <div className="flex flex-col gap-3 text-sm">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
          {cutOff.feeds.length > 0 && <Badge tone={tone}>{words}</Badge>}
          <span>
            <Instant at={cutOff.at} timeZone={timeZone} />, {cutOff.hours} h after the month’s end
            <span className="text-soft"> ({sourceOf(cutOff)})</span>
          </span>
        </p>
        {cutOff.feeds.length === 0 && (
          <p className="text-soft">No feed of this entity is read from a system.</p>
        )}
        {late.length > 0 && (
          <ul className="flex flex-col gap-1">
            {late.map((feed) => (
              <li key={feed.id}>
                {feedName(feed)}:{" "}
                {feed.confirmedUntil ? (
                  <>
                    confirmed up to <Instant at={feed.confirmedUntil} timeZone={timeZone} />
                  </>
                ) : (
                  "never confirmed"
                )}
              </li>
            ))}
          </ul>
        )}
        {maySet && (
          <details>
            <summary className="cursor-pointer text-soft">Set another cut-off</summary>
            <CutOffForm entityId={entityId} month={cutOff.month} hours={cutOff.hours} />
          </details>
        )}
      </div>
    </Card>
  );
}

function sourceOf({ from, setBy, reason }: CutOff): string {
  if (from === "month") return `set for this month by ${setBy}: ${reason}`;
  return from === "entity" ? "as set for every month" : "as long as the ERP normally takes to post";
}
