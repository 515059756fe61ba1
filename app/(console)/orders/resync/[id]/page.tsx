import type { Metadata } from "next";
import { RunEnd } from "@/components/feeds/run-end";
import { RunProgress } from "@/components/feeds/run-progress";
import { RunState } from "@/components/feeds/run-state";
import { WatchRun } from "@/components/feeds/watch-run";
import { ResyncControls } from "@/components/orders/resync-controls";
import { ResyncResults, resyncWord } from "@/components/orders/resync-results";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Pagination } from "@/components/ui/pagination";
import { Tabs } from "@/components/ui/tabs";
import { loadResync } from "@/lib/orders/loaders";
import { resyncStates } from "@/lib/orders/schema";

export const metadata: Metadata = { title: "Resync of several orders" };

export default async function ResyncPage({ params, searchParams }: PageProps<"/orders/resync/[id]">) {
  const { id } = await params;
  const view = await loadResync(id, await searchParams);
  const { run, counts, orders, progress, filter, total, timeZone } = view;
  const address = `/orders/resync/${id}`;
  return (
    <ConsolePage
      title={
        run.expected === 1 ? "Resync of 1 order" : `Resync of ${run.expected.toLocaleString("en")} orders`
      }
      description="Each is read again from both systems and matched; what came of it is kept here."
      actions={
        view.mayStop && (
          <ResyncControls
            entityId={run.entityId}
            runId={run.id}
            state={run.state}
            stopAsked={run.stopAskedAt !== null}
          />
        )
      }
    >
      <WatchRun state={run.state} />
      <RunEnd state={run.state} error={run.error} />
      {run.state === "running" && (
        <Card title="Progress">
          <RunProgress
            progress={progress}
            found={run.found}
            expected={run.expected}
            expectedFrom="selection"
          />
        </Card>
      )}
      <Card title="Run">
        <Facts
          items={[
            { label: "State", value: <RunState state={run.state} /> },
            {
              label: "Done",
              value: `${run.found.toLocaleString("en")} of ${run.expected.toLocaleString("en")}`,
            },
            ...resyncStates.map((state) => ({
              label: resyncWord(state),
              value: counts[state].toLocaleString("en"),
            })),
            { label: "Asked for by", value: run.actorName },
            { label: "Started", value: <Instant at={run.startedAt} timeZone={timeZone} /> },
            {
              label: "Finished",
              value: run.finishedAt ? <Instant at={run.finishedAt} timeZone={timeZone} /> : "not yet",
            },
          ]}
        />
      </Card>
      <Tabs
        label="What came of them"
        tabs={[
          { href: address, label: "All", count: run.expected, current: filter.state === undefined },
          ...resyncStates.map((state) => ({
            href: `${address}?state=${state}`,
            label: resyncWord(state),
            count: counts[state],
            current: filter.state === state,
          })),
        ]}
      />
      <Card flush>
        {orders.length === 0 ? (
          <EmptyState title="No order is in this state.">
            An order appears here as soon as it was read again.
          </EmptyState>
        ) : (
          <>
            <ResyncResults orders={orders} />
            <Pagination page={filter.page} pageSize={view.pageSize} total={total} />
          </>
        )}
      </Card>
    </ConsolePage>
  );
}
