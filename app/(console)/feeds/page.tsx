import { RefreshCw } from "lucide-react";
import type { Metadata, Route } from "next";
import { Suspense } from "react";
import { CutOffCard } from "@/components/feeds/cut-off-card";
import { DailyChecksCard } from "@/components/feeds/daily-checks";
import { FailedJobs } from "@/components/feeds/failed-jobs";
import { FailedRecords } from "@/components/feeds/failed-records";
import { FeedsTable } from "@/components/feeds/feeds-table";
import { NamedRunsLink } from "@/components/feeds/named-runs-link";
import { NoWorker } from "@/components/feeds/no-worker";
import { OrderFlowCard } from "@/components/feeds/order-flow";
import { PressureCard } from "@/components/feeds/pressure";
import { RunsTable } from "@/components/feeds/runs-table";
import { ConsolePage } from "@/components/shell/console-page";
import { BackgroundButton } from "@/components/ui/background-button";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { CardSkeleton } from "@/components/ui/skeleton";
import { syncNow } from "@/lib/sync/actions";
import { loadPressure } from "@/lib/sync/load-view";
import { loadFeeds, loadFlow } from "@/lib/sync/loaders";

export const metadata: Metadata = { title: "Feeds" };

export default async function FeedsPage({ searchParams }: PageProps<"/feeds">) {
  const params = await searchParams;
  const view = await loadFeeds(oneParam(params["entity"]), oneParam(params["runs"]));
  const { cutOff, maySetCutOff, feeds, runs, failed, jobs, entities, entity, timeZone, syncRun, maySync } =
    view;
  return (
    <ConsolePage
      title="Feeds"
      description="What is read from where, how far behind it is, and what could not be read."
      context={{ entities, entity }}
      actions={
        <>
          {entity && maySync && (
            <BackgroundButton
              action={syncNow}
              input={{ entityId: entity.id }}
              label="Sync now"
              running="Syncing…"
              latest={syncRun}
              variant="primary"
              icon={<RefreshCw aria-hidden size={14} />}
            />
          )}
          <ButtonLink href={(entity ? `/feeds/stock?entity=${entity.id}` : "/feeds/stock") as Route}>
            Stock
          </ButtonLink>
          <ButtonLink href={(entity ? `/feeds/status?entity=${entity.id}` : "/feeds/status") as Route}>
            Order status
          </ButtonLink>
          <ButtonLink href={(entity ? `/feeds/webhooks?entity=${entity.id}` : "/feeds/webhooks") as Route}>
            Webhooks
          </ButtonLink>
        </>
      }
    >
      <NoWorker missing={view.workerMissing} />
      {/* What there is to do comes first: on a phone the feeds below are many cards. */}
      {entity && (
        <Suspense fallback={<CardSkeleton lines={5} label="Loading the order flow…" />}>
          <Flow entityId={entity.id} />
        </Suspense>
      )}
      <Card flush>
        {feeds.length === 0 ? (
          <EmptyState title="Nothing is connected yet.">
            Connecting a system on the command line makes its feeds; they appear here with their first run.
          </EmptyState>
        ) : (
          <FeedsTable
            feeds={feeds}
            syncOf={(feed) =>
              feed.maySync && (
                <BackgroundButton
                  action={syncNow}
                  input={{ entityId: feed.entityId, feedId: feed.id }}
                  label="Sync"
                  running="Syncing…"
                  latest={feed.lastRun}
                />
              )
            }
          />
        )}
      </Card>
      {entity && (
        <Suspense fallback={<CardSkeleton lines={4} label="Loading backlog and limits…" />}>
          <Pressure entityId={entity.id} />
        </Suspense>
      )}
      {entity && cutOff && (
        <CutOffCard cutOff={cutOff} entityId={entity.id} timeZone={timeZone} maySet={maySetCutOff} />
      )}
      {entity && jobs.length > 0 && (
        <Card title="Jobs that failed" description="Tried as often as they may; somebody has to look" flush>
          <FailedJobs jobs={jobs} entityId={entity.id} timeZone={timeZone} maySettle={maySync} />
        </Card>
      )}
      <Card
        id="failed-records"
        title="Failed records"
        description="Kept with their payload until a later version can be read"
        actions={
          <ButtonLink href={(entity ? `/feeds/failed?entity=${entity.id}` : "/feeds/failed") as Route}>
            Work on them
          </ButtonLink>
        }
        flush
      >
        <FailedRecords records={failed} timeZone={timeZone} />
      </Card>
      <Card
        id="runs"
        title="Runs"
        description="Resyncs, webhooks and retries of single orders or items are left out unless shown"
        actions={<NamedRunsLink path="/feeds" params={params} shown={view.withNamed} />}
        flush
      >
        <RunsTable runs={runs} timeZone={timeZone} />
      </Card>
    </ConsolePage>
  );
}

async function Flow({ entityId }: Readonly<{ entityId: string }>) {
  const view = await loadFlow(entityId);
  if (!view) return null;
  return (
    <div className="grid items-start gap-4 xl:grid-cols-[2fr_1fr]">
      <OrderFlowCard view={view} />
      <DailyChecksCard counts={view.checks} entityId={view.entityId} />
    </div>
  );
}

async function Pressure({ entityId }: Readonly<{ entityId: string }>) {
  const view = await loadPressure(entityId);
  return view && <PressureCard view={view} />;
}
