import type { Metadata } from "next";
import { AsAtNote } from "@/components/close/as-at-note";
import { ClosedNotice } from "@/components/close/closed-notice";
import { LinesTable } from "@/components/close/lines-table";
import { ResyncRow } from "@/components/orders/resync-row";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadLines, loadStrips } from "@/lib/close/loaders";
import { bucketNames } from "@/lib/close/schema";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "Lines" };

export default async function LinesPage({ params, searchParams }: PageProps<"/close/[period]/lines">) {
  const asked = await searchParams;
  const view = await loadLines((await params).period, asked);
  const { query, entity, entities, period } = view;
  const name = query.side === "scayle" ? "SCAYLE" : "the ERP";
  return (
    <ConsolePage
      title={`Lines of ${name}, ${monthName(period)}`}
      description="What the figures of the tie-out are the sum of."
      context={{ entities, entity, period, periods: [...view.periods].sort().reverse() }}
    >
      <Tabs label="Side" tabs={sides(asked, query.side)} />
      {view.at === null && <Tabs label="Bucket" tabs={buckets(asked, query.bucket)} />}
      <AsAtNote at={view.at} here={`/close/${period}/lines`} asked={asked}>
        The lines that counted then, from the versions of documents that are kept: all that counted, since in
        which bucket a single line stood is not kept by date. What an ERP item stands for is as the mapping
        says today.
      </AsAtNote>
      {view.at === null && (
        <ClosedNotice
          strips={(await loadStrips(view.entity.id, period)).strips}
          entityId={view.entity.id}
          period={period}
          of="lines"
        />
      )}
      <Card flush>
        <LinesTable
          lines={view.lines}
          sums={view.sums}
          withBucket={view.at === null}
          resyncs={view.mayResync && view.at === null ? resyncsOf(view) : undefined}
          paging={{ page: query.page, pageSize: view.pageSize, total: view.count }}
        />
      </Card>
    </ConsolePage>
  );
}

const resyncsOf = ({ lines, entity }: Awaited<ReturnType<typeof loadLines>>) =>
  Object.fromEntries(
    lines.map(({ orderKey, order, document }) => [
      orderKey,
      <ResyncRow
        key={orderKey}
        name={order === null ? `document ${document}` : `order ${order}`}
        target={{ entityId: entity.id, orderKey }}
      />,
    ]),
  );

const sides = (asked: SearchParams, current: string) =>
  (["scayle", "erp"] as const).map((side) => ({
    href: withParams(asked, { side, page: null }),
    label: side === "scayle" ? "SCAYLE" : "ERP",
    current: side === current,
  }));

const buckets = (asked: SearchParams, current: string | undefined) => [
  {
    href: withParams(asked, { bucket: null, page: null }),
    label: "All that count",
    current: current === undefined,
  },
  ...bucketNames.map((bucket) => ({
    href: withParams(asked, { bucket, page: null }),
    label: bucket.charAt(0).toUpperCase() + bucket.slice(1),
    current: bucket === current,
  })),
];
