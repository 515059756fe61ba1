import { Facts } from "@/components/ui/facts";
import { durationText, Instant } from "@/components/ui/instant";
import type { FeedView } from "@/lib/sync/loaders";
import { LagBar } from "./lag-bar";
import { rateText } from "./run-progress";

const minutes = (seconds: number): string => `${Math.round(seconds / 60)} min`;

/** How a feed is read: its lane, how far behind it is, when it is due, and what of its tail is read again. */
export function FeedFacts({
  view: { feed, lag, isAhead, isRead, isCounted, pulse },
}: Readonly<{ view: FeedView }>) {
  const at = (instant: Date | null, none: string) =>
    instant ? <Instant at={instant} timeZone={feed.timeZone} /> : none;
  return (
    <Facts
      items={[
        { label: "Lane", value: <span className="capitalize">{feed.lane}</span> },
        { label: "Lag of its promise", value: <LagBar lag={lag} /> },
        {
          label: "Newest change held",
          value: (
            <>
              {at(feed.watermark, "none yet")}
              {isAhead && (
                <span className="text-attention"> (still to come: its source’s stamp is ahead)</span>
              )}
            </>
          ),
        },
        { label: "Confirmed up to", value: at(feed.confirmedUntil, "never") },
        ...(isRead
          ? [
              {
                label: "Interval",
                value:
                  feed.stretch > 1
                    ? `${minutes(feed.intervalSeconds)}, at present ${minutes(feed.intervalSeconds * feed.stretch)}`
                    : minutes(feed.intervalSeconds),
              },
              {
                label: "Due next",
                value: feed.heldAt ? "not while it is held" : at(feed.dueAt, "within a minute"),
              },
              // Stock is asked for as it stands, and is in no group.
              ...(feed.resource === "stock"
                ? []
                : [{ label: "Read again of its tail", value: minutes(feed.overlapSeconds) }]),
              ...(isCounted
                ? [
                    {
                      label: "Backlog",
                      value:
                        pulse.backlog === null || pulse.countedAt === null ? (
                          "not counted yet at its source"
                        ) : (
                          <>
                            {pulse.backlog.toLocaleString("en")} records, counted {at(pulse.countedAt, "")}
                          </>
                        ),
                    },
                  ]
                : []),
              {
                label: "Throughput",
                value:
                  pulse.perSecond === null ? "none yet" : `${rateText(pulse.perSecond)} records a second`,
              },
              ...(pulse.backlog && pulse.perSecond
                ? [
                    {
                      label: "Time to catch up",
                      value: `about ${durationText((pulse.backlog / pulse.perSecond) * 1000)}`,
                    },
                  ]
                : []),
              ...(feed.resource === "stock"
                ? []
                : [{ label: "Groups to be matched", value: pulse.unmatched.toLocaleString("en") }]),
            ]
          : []),
      ]}
    />
  );
}
