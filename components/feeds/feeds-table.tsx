import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import { feedName } from "@/lib/domain/feed-name";
import type { FeedsView } from "@/lib/sync/loaders";
import { LagBar } from "./lag-bar";
import { RunState } from "./run-state";

type Feed = FeedsView["feeds"][number];

/** One row per feed: lane, how far it is behind its promise, the last thing heard, the last run, what failed. */
export function FeedsTable({
  feeds,
  syncOf,
}: Readonly<{ feeds: readonly Feed[]; syncOf: (feed: Feed) => ReactNode }>) {
  return (
    <Table caption="Feeds" stacked>
      <thead>
        <tr>
          <Th>Feed</Th>
          <Th>Lane</Th>
          <Th>Lag of its promise</Th>
          <Th>Last source event</Th>
          <Th>Last run</Th>
          <Th align="end">Failed records</Th>
          <Th>
            <span className="sr-only">Action</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {feeds.map((feed) => (
          <tr key={feed.id}>
            <th
              scope="row"
              className="h-(--row) min-w-52 border-line border-b px-3 py-1.5 text-left font-medium"
            >
              <Link
                href={`/feeds/feed?id=${encodeURIComponent(feed.id)}` as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {feedName(feed)}
              </Link>
              <span className="block font-normal text-soft text-xs">
                {feed.entityId} · {feed.connection}
              </span>
            </th>
            <Td label="Lane">
              <Lane feed={feed} />
            </Td>
            <Td label="Lag of its promise">
              <LagBar lag={feed.lag} />
            </Td>
            <Td label="Last source event">
              <span>
                {feed.watermark ? <Instant at={feed.watermark} timeZone={feed.timeZone} /> : "none yet"}
                {feed.isAhead && (
                  <span className="block text-attention text-xs">
                    still to come: its source’s stamp is ahead
                  </span>
                )}
              </span>
            </Td>
            <Td label="Last run">
              <LastRun feed={feed} />
            </Td>
            <Td
              align="end"
              label="Failed records"
              className={feed.failedRecords > 0 ? "font-semibold text-broken" : undefined}
            >
              {feed.failedRecords > 0 ? <a href="#failed-records">{feed.failedRecords}</a> : 0}
            </Td>
            <Td align="end">{syncOf(feed)}</Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** Its lane, how often it is read, and what keeps it from that. */
function Lane({ feed }: Readonly<{ feed: Feed }>) {
  const minutes = Math.round((feed.intervalSeconds * feed.stretch) / 60);
  return (
    <span className="flex flex-col items-start gap-0.5 py-1 max-md:items-end">
      <span className="capitalize">{feed.lane}</span>
      {feed.heldReason ? (
        <Badge tone="broken">Held</Badge>
      ) : (
        feed.isRead && (
          <span className="whitespace-nowrap text-soft text-xs">
            {feed.stretch > 1 ? `slowed to every ${minutes} min` : `every ${minutes} min`}
          </span>
        )
      )}
    </span>
  );
}

function LastRun({ feed: { lastRun, timeZone } }: Readonly<{ feed: Feed }>) {
  if (!lastRun) return <span className="text-soft">never</span>;
  return (
    <span className="flex flex-col items-start gap-0.5 py-1 max-md:items-end">
      <Link href={`/feeds/runs/${lastRun.id}` as Route}>
        <span className="sr-only">Last run: </span>
        <RunState state={lastRun.state} failed={lastRun.failed} />
      </Link>
      <span className="text-soft text-xs">
        <Instant at={lastRun.startedAt} timeZone={timeZone} />
      </span>
    </span>
  );
}
