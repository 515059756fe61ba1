import type { Metadata, Route } from "next";
import Link from "next/link";
import { TodayNote } from "@/components/close/as-at-note";
import { CloseTabs } from "@/components/close/close-tabs";
import { OverviewTable } from "@/components/close/overview-table";
import { ConsolePage } from "@/components/shell/console-page";
import { lastMonth } from "@/components/shell/last-month";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { withParams } from "@/components/ui/search-params";
import { loadOverview } from "@/lib/close/overview-view";
import { OVERVIEW_MONTHS } from "@/lib/close/schema";

export const metadata: Metadata = { title: "Close of all entities" };

export default async function OverviewPage({ searchParams }: PageProps<"/close/overview">) {
  const asked = await searchParams;
  const { entity, rows, months, hasEarlier } = await loadOverview(asked);
  return (
    <ConsolePage
      title="Close of all entities"
      description="How each month of each entity stands, what is left of it, and whose turn it is. Amounts are gross; a currency is never converted into another."
    >
      {entity && <CloseTabs entityId={entity.id} period={lastMonth(new Date())} current="/close/overview" />}
      <TodayNote asked={asked} what="How each month stands" />
      <Card flush>
        {rows.length === 0 ? (
          <EmptyState title="Nothing has been reconciled in these months.">
            Sync the feeds of an entity and reconcile: its months appear here.
          </EmptyState>
        ) : (
          <OverviewTable rows={rows} />
        )}
      </Card>
      {hasEarlier && (
        <p className="text-sm">
          <Link
            href={
              `/close/overview${withParams(asked, { months: String(months + OVERVIEW_MONTHS) })}` as Route
            }
            className="underline decoration-line-strong underline-offset-4"
          >
            Show earlier months
          </Link>
        </p>
      )}
    </ConsolePage>
  );
}
