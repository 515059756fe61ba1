import type { Metadata, Route } from "next";
import Link from "next/link";
import { DifferencesTable } from "@/components/close/differences-table";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { withParams } from "@/components/ui/search-params";
import { loadDifferences } from "@/lib/close/differences-view";
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
      of: query.of === "gross" ? null : query.of,
      by: query.by === "cause" ? null : query.by,
    },
  );
  const [first] = view.rows;
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
      <Card flush>
        <DifferencesTable
          rows={view.rows}
          sum={view.sum}
          currency={currency}
          part={partNames[query.by]}
          paging={{ page: query.page, pageSize: view.pageSize, total: view.count }}
        />
      </Card>
    </ConsolePage>
  );
}
