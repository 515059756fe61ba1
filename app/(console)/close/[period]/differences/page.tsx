import type { Metadata, Route } from "next";
import Link from "next/link";
import { AsAtNote } from "@/components/close/as-at-note";
import { ClosedNotice } from "@/components/close/closed-notice";
import { DifferencesAtTable } from "@/components/close/differences-at-table";
import { DifferencesTable } from "@/components/close/differences-table";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { withParams } from "@/components/ui/search-params";
import { loadDifferences } from "@/lib/close/differences-view";
import { loadStrips } from "@/lib/close/loaders";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "Differences" };

const partNames = {
  cause: "Cause",
  shop: "Shop",
  channel: "Channel",
  code: "Tax code",
  payment: "Payment method",
  day: "Day",
} as const;

export default async function DifferencesPage({
  params,
  searchParams,
}: PageProps<"/close/[period]/differences">) {
  const asked = await searchParams;
  const view = await loadDifferences((await params).period, asked);
  const { query, entity, entities, period, currency } = view;
  const back = withParams(
    { entity: entity.id },
    {
      at: view.at?.asked ?? null,
      of: query.of === "gross" ? null : query.of,
      by: query.by === "cause" ? null : query.by,
    },
  );
  const rows = view.at ? (view.found?.rows ?? []) : view.rows;
  const [first] = rows;
  const paging = { page: query.page, pageSize: view.pageSize };
  const what = query.key !== undefined && first ? first.part : "Differences";
  return (
    <ConsolePage
      title={`${what}, ${monthName(period)}`}
      description={
        <>
          What a step of the{" "}
          <Link href={`/close/${period}${back}` as Route} className="underline underline-offset-4">
            bridge
          </Link>{" "}
          is the sum of: {query.of} amounts in {currency}, SCAYLE − ERP.
          {query.except.length > 0 && " The steps that have a bar of their own are left out."}
        </>
      }
      context={{ entities, entity, period, periods: view.periods }}
    >
      <AsAtNote at={view.at} here={`/close/${period}/differences`} asked={asked}>
        What each order came to then: what it comes to now, less what moved it since. Which of its lines it
        was, and in which bucket they stood, is not kept by date; shop, channel and payment method are as the
        order says today.
      </AsAtNote>
      {view.at === null && (
        <ClosedNotice
          strips={(await loadStrips(entity.id, period)).strips}
          entityId={entity.id}
          period={period}
          of="causes"
        />
      )}
      <Card flush>
        {view.at === null ? (
          <DifferencesTable
            rows={view.rows}
            sum={view.sum}
            currency={currency}
            part={partNames[query.by]}
            paging={{ ...paging, total: view.count }}
          />
        ) : view.found ? (
          <DifferencesAtTable
            rows={view.found.rows}
            sum={view.found.sum}
            currency={currency}
            part={partNames[query.by]}
            paging={{ ...paging, total: view.found.count }}
          />
        ) : (
          <EmptyState
            title={
              view.at.moment === null
                ? "Nothing was known of this month yet on that day."
                : "This list is not kept by date."
            }
          >
            {view.at.moment === null
              ? "Nothing of this month had been reconciled by then."
              : query.by === "day" || query.by === "code"
                ? "Days and tax codes are of single lines; differences are kept order by order. Choose cause, shop, channel or payment method."
                : "After that day so many orders were matched for the first time at once that they were kept as one sum. Choose a later day."}
          </EmptyState>
        )}
      </Card>
    </ConsolePage>
  );
}
