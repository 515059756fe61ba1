import type { Metadata, Route } from "next";
import { BackfillForm } from "@/components/feeds/backfill-form";
import { FailedRecords } from "@/components/feeds/failed-records";
import { FeedFacts } from "@/components/feeds/feed-facts";
import { FeedForm } from "@/components/feeds/feed-form";
import { LetGoOn } from "@/components/feeds/let-go-on";
import { NamedRunsLink } from "@/components/feeds/named-runs-link";
import { RunsTable } from "@/components/feeds/runs-table";
import { StockHeldFacts, StockLevels } from "@/components/feeds/stock-held";
import { ConsolePage } from "@/components/shell/console-page";
import { BackgroundButton } from "@/components/ui/background-button";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Message } from "@/components/ui/message";
import { oneParam } from "@/components/ui/search-params";
import { feedName } from "@/lib/domain/feed-name";
import { syncNow } from "@/lib/sync/actions";
import { loadFeed } from "@/lib/sync/loaders";

export const metadata: Metadata = { title: "Feed" };

export default async function FeedPage({ searchParams }: PageProps<"/feeds/feed">) {
  const params = await searchParams;
  const view = await loadFeed(oneParam(params["id"]), oneParam(params["runs"]));
  const { feed, runs, failed, maySync, mayBackfill, maySet } = view;
  const of = { entityId: feed.entityId, feedId: feed.id };
  return (
    <ConsolePage
      title={feedName(feed)}
      description={`${feed.entityId} · ${feed.connection} · ${feed.id}`}
      actions={
        <>
          {maySync && (
            <BackgroundButton
              action={syncNow}
              input={of}
              label="Sync"
              running="Syncing…"
              latest={feed.lastRun}
              variant="primary"
            />
          )}
          <ButtonLink href={"/feeds" as Route}>All feeds</ButtonLink>
        </>
      }
    >
      {feed.heldReason && (
        <Message tone="broken" title="This feed is held" action={maySync && <LetGoOn {...of} />}>
          {feed.heldReason} Correct the credentials (tieout connect), then let it go on.
        </Message>
      )}
      {feed.stretchReason && <Message tone="attention">{feed.stretchReason}</Message>}
      <Card title="How it is read">
        <FeedFacts view={view} />
      </Card>
      {feed.resource === "status" && (
        <Message tone="explained">
          It reads the orders of its shop that just changed, so that their status is fresh between two
          readings of the orders’ own feed. What it finds is that feed’s: its records, its counts, its
          failures.
        </Message>
      )}
      {view.stock && (
        <Card title="What it holds">
          <StockHeldFacts held={view.stock} timeZone={feed.timeZone} />
        </Card>
      )}
      {view.stock && (
        <Card
          title="Levels that changed last"
          description="The newest answer for each item and place; the readings before it are kept"
          flush
        >
          <StockLevels held={view.stock} timeZone={feed.timeZone} />
        </Card>
      )}
      {mayBackfill && (
        <Card
          title="Read past days again"
          description="Beside its interval: a run of its own, which moves nothing but what it finds changed."
        >
          <BackfillForm {...of} />
        </Card>
      )}
      {maySet && (
        <Card title="Interval, overlap and promise">
          <FeedForm
            {...of}
            intervalMinutes={feed.intervalSeconds / 60}
            overlapMinutes={feed.overlapSeconds / 60}
            promiseMinutes={feed.promiseSeconds / 60}
          />
        </Card>
      )}
      <Card title="What of it can’t be read" flush>
        <FailedRecords records={failed} timeZone={feed.timeZone} />
      </Card>
      <Card
        id="runs"
        title="Its runs"
        description="Resyncs, webhooks and retries of single orders or items are left out unless shown"
        actions={<NamedRunsLink path="/feeds/feed" params={params} shown={view.withNamed} />}
        flush
      >
        <RunsTable runs={runs} timeZone={feed.timeZone} />
      </Card>
    </ConsolePage>
  );
}
