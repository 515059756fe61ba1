import type { Metadata } from "next";
import { DecideSending } from "@/components/resolutions/attempt-controls";
import { BatchControls } from "@/components/resolutions/batch-controls";
import { BatchResults } from "@/components/resolutions/batch-results";
import { Watch } from "@/components/resolutions/watch";
import { FixTable } from "@/components/root-causes/fix-table";
import { ConsolePage } from "@/components/shell/console-page";
import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Pagination } from "@/components/ui/pagination";
import { Tabs } from "@/components/ui/tabs";
import { type BatchView, loadBatch } from "@/lib/resolutions/loaders";
import { loadBatchEffect } from "@/lib/root-causes/loaders";

export const metadata: Metadata = { title: "Resolutions" };

const STATES: Readonly<Record<BatchView["batch"]["state"], string>> = {
  asked: "Waits for approval",
  running: "Being sent",
  stopped: "Stopped",
  done: "Done",
  rejected: "Rejected",
};

const TABS = [
  ["all", "All"],
  ["at-work", "Not done yet"],
  ["proved", "Done and proved"],
  ["instructed", "To be done by hand"],
  ["not-done", "Not done"],
] as const;

export default async function BatchPage({
  params,
  searchParams,
}: PageProps<"/exceptions/resolutions/[batch]">) {
  const { batch: id } = await params;
  const view = await loadBatch(id, await searchParams);
  const { batch, counts, attempts, query } = view;
  const effect = await loadBatchEffect(id);
  const worths = batch.worths.filter((one) => one.minor !== 0n);
  const address = `/exceptions/resolutions/${id}`;
  return (
    <ConsolePage
      title={`${view.title}: ${batch.count === 1 ? "1 exception" : `${batch.count.toLocaleString("en")} exceptions`}`}
      description="Each is read again, sent, read back and matched; what came of it is kept here."
      actions={
        view.may.stop && (
          <BatchControls
            entityId={batch.entityId}
            id={batch.id}
            state={batch.state}
            stopAsked={batch.stopAskedAt !== null}
          />
        )
      }
    >
      <Watch active={batch.state === "running" || counts["at-work"] > 0} />
      {batch.state === "asked" && (
        <Message tone="attention" title={`${batch.madeBy} wants to send them`}>
          <p>
            {batch.second} {view.isMine && "You asked for it: somebody else decides."}
          </p>
        </Message>
      )}
      {view.may.decide && (
        <Card title="Decide">
          <DecideSending entityId={batch.entityId} id={batch.id} many />
        </Card>
      )}
      <Card title="Progress">
        <div className="flex flex-col gap-3">
          <progress
            aria-label="How far those are that are sent from here: read again, sent, read back"
            value={Math.round(counts.done * 1000)}
            max={1000}
            className="h-2 w-full"
          />
          <p role="status" className="text-sm text-soft">
            {progressText(view)}
          </p>
          <Facts
            items={[
              { label: "State", value: STATES[batch.state] },
              {
                label: "Done and proved",
                value: `${counts.proved.toLocaleString("en")} of ${counts.all.toLocaleString("en")}`,
              },
              // What is about no amount (stock) has none to be shown.
              ...(worths.length === 0
                ? []
                : [
                    {
                      label: "Largest documents",
                      value: worths.map(({ currency, minor }) => (
                        <span key={currency} className="mr-3">
                          {minor === null ? (
                            "unknown"
                          ) : (
                            <Amount minor={minor} currency={currency} withCurrency />
                          )}
                        </span>
                      )),
                    },
                  ]),
              { label: "Asked for by", value: batch.madeBy },
              ...(batch.decidedBy
                ? [{ label: "Decided by", value: `${batch.decidedBy} ${batch.decidedWhy ?? ""}` }]
                : []),
              { label: "Begun", value: <Instant at={batch.madeAt} timeZone={batch.timeZone} /> },
              {
                label: "Ended",
                value: batch.endedAt ? <Instant at={batch.endedAt} timeZone={batch.timeZone} /> : "not yet",
              },
            ]}
          />
          {batch.leftOut.length > 0 && (
            <Message tone="attention" title="Left out">
              <ul className="list-inside list-disc">
                {batch.leftOut.map(({ reason, count }) => (
                  <li key={reason}>
                    {count.toLocaleString("en")}: {reason}
                  </li>
                ))}
              </ul>
            </Message>
          )}
        </div>
      </Card>
      {effect?.actual && (
        <Card
          title={effect.predicted ? "Predicted and actual" : "What it did"}
          description={
            <>
              Counted over the orders of its exceptions, as they stood before it began and{" "}
              {effect.actualAt && <Instant at={effect.actualAt} timeZone={batch.timeZone} />}
            </>
          }
        >
          <div className="flex flex-col gap-3">
            <p className="max-w-prose">{effect.actual.sentence}</p>
            <FixTable
              predicted={effect.predicted}
              actual={effect.actual}
              caption="What became of the exceptions"
            />
          </div>
        </Card>
      )}
      <Tabs
        label="What came of them"
        tabs={TABS.map(([state, label]) => ({
          href: state === "all" ? address : `${address}?state=${state}`,
          label,
          count: counts[state],
          current: query.state === state,
        }))}
      />
      <Card flush>
        {attempts.length === 0 ? (
          <EmptyState title="None is in this state.">What is sent appears here by itself.</EmptyState>
        ) : (
          <>
            <BatchResults attempts={attempts} />
            <Pagination page={query.page} pageSize={view.pageSize} total={counts[query.state]} />
          </>
        )}
      </Card>
    </ConsolePage>
  );
}

/** How far they are, in a sentence. */
function progressText({ batch, counts }: BatchView): string {
  const parts = (
    [
      [counts.proved, "done and proved"],
      [counts["not-done"], "not done"],
      [counts.underWay, "under way"],
      [counts["at-work"] - counts.underWay, "not begun"],
      [counts.instructed, "to be done by hand"],
    ] as const
  ).flatMap(([count, words]) => (count > 0 ? [`${count.toLocaleString("en")} ${words}`] : []));
  const far = `Of ${counts.all.toLocaleString("en")}: ${parts.join(", ")}.`;
  if (batch.state === "running" && batch.stopAskedAt !== null)
    return `${far} It stops: what is sent already is read back, the rest is not sent.`;
  if (batch.state === "stopped") return `${far} It is stopped: nothing more is sent until it goes on.`;
  return far;
}
