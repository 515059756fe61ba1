import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { askedFor } from "@/components/feeds/asked-for";
import { FailedRecords } from "@/components/feeds/failed-records";
import { NoWorker } from "@/components/feeds/no-worker";
import { RunControls } from "@/components/feeds/run-controls";
import { RunEnd } from "@/components/feeds/run-end";
import { RunProgress, rateText } from "@/components/feeds/run-progress";
import { RunState, runKind } from "@/components/feeds/run-state";
import { took } from "@/components/feeds/runs-table";
import { WatchRun } from "@/components/feeds/watch-run";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { loadRun } from "@/lib/sync/loaders";

export const metadata: Metadata = { title: "Run" };

export default async function RunPage({ params }: PageProps<"/feeds/runs/[id]">) {
  const { run, progress, mayStop, failed, timeZone, workerMissing } = await loadRun((await params).id);
  if (run.kind === "resync") redirect(`/orders/resync/${run.id}` as Route);
  const counts = [
    ["Found", run.found],
    ["Stored", run.stored],
    ["Unchanged", run.unchanged],
    ["Failed", run.failed],
  ] as const;
  return (
    <ConsolePage
      title={`${runKind(run.kind)} of ${run.feedId ?? run.entityId ?? "all entities"}`}
      actions={
        <>
          {mayStop && run.entityId && (
            <RunControls
              entityId={run.entityId}
              runId={run.id}
              state={run.state}
              stopAsked={run.stopAskedAt !== null}
            />
          )}
          {run.feedId && (
            <ButtonLink href={`/feeds/feed?id=${encodeURIComponent(run.feedId)}` as Route}>
              Its feed
            </ButtonLink>
          )}
          <ButtonLink href={"/feeds" as Route}>All feeds</ButtonLink>
        </>
      }
    >
      <NoWorker missing={workerMissing} />
      <WatchRun state={run.state} />
      <RunEnd state={run.state} error={run.error} />
      {run.state === "running" && (
        <Card title="Progress">
          <RunProgress
            progress={progress}
            found={run.found}
            expected={run.expected}
            expectedFrom={run.expectedFrom}
          />
        </Card>
      )}
      <Card title="Run">
        <Facts
          items={[
            { label: "State", value: <RunState state={run.state} failed={run.failed} /> },
            { label: "Started", value: <Instant at={run.startedAt} timeZone={timeZone} /> },
            {
              label: "Finished",
              value: run.finishedAt ? (
                <>
                  <Instant at={run.finishedAt} timeZone={timeZone} /> ({took(run.startedAt, run.finishedAt)})
                </>
              ) : (
                "not yet"
              ),
            },
            ...counts.map(([label, count]) => ({ label, value: count.toLocaleString("en") })),
            ...(run.finishedAt && progress.perSecond !== null && run.feedId
              ? [{ label: "Rate", value: `${rateText(progress.perSecond)} records a second` }]
              : []),
            ...(run.period ? [{ label: "Month", value: run.period }] : []),
            ...(run.asOf ? [{ label: "As of", value: <Instant at={run.asOf} timeZone={timeZone} /> }] : []),
            { label: "Asked for", value: askedFor(run) },
            { label: "By", value: run.actorName },
            ...(run.outcome
              ? [
                  {
                    label: "Hash of the result",
                    value: (
                      <>
                        <code className="break-all font-mono text-xs">{run.outcome}</code>
                        <span className="block text-soft text-xs">
                          The same data, settings and as-of give the same result and hash.
                        </span>
                      </>
                    ),
                  },
                ]
              : []),
          ]}
        />
      </Card>
      {run.feedId && (
        <Card title="What this feed still can’t read" flush>
          <FailedRecords records={failed} timeZone={timeZone} />
        </Card>
      )}
    </ConsolePage>
  );
}
