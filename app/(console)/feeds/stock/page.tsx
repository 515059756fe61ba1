import type { Metadata, Route } from "next";
import { ConsolePage } from "@/components/shell/console-page";
import { BasketLog } from "@/components/stock/basket-log";
import { StockPolicyCard } from "@/components/stock/policy-card";
import { PushForm } from "@/components/stock/push-form";
import { StockSearch } from "@/components/stock/stock-search";
import { StockSummaryFacts } from "@/components/stock/stock-summary";
import { StockTable } from "@/components/stock/stock-table";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadStock } from "@/lib/stock/loaders";

export const metadata: Metadata = { title: "Stock" };

export default async function StockPage({ searchParams }: PageProps<"/feeds/stock">) {
  const params = await searchParams;
  const view = await loadStock(params);
  const { entities, entity } = view;
  const tab = (value: string, label: string, count: number) => ({
    href: `/feeds/stock${withParams(params, { view: value, page: null })}`,
    label,
    count,
    current: view.entity !== null && view.query.view === value,
  });
  return (
    <ConsolePage
      title="Stock"
      description="What the ERP has of each item and what SCAYLE sells of it. The ERP owns stock: what differs beyond what is in flight is pushed from here."
      context={{ entities, entity }}
      actions={<ButtonLink href={"/feeds" as Route}>All feeds</ButtonLink>}
    >
      {view.entity && (
        <>
          <Card title="As of">
            <StockSummaryFacts view={view} />
          </Card>
          <StockSearch entityId={view.entity.id} view={view.askedView} q={view.query.q} />
          <Card flush>
            <Tabs
              label="Which items"
              tabs={[
                tab("all", "All", view.summary.items),
                tab("drifting", "Drifting", view.summary.drifting),
                tab("risk", "Oversell risk", view.summary.risk),
                tab("in-flight", "In flight", view.summary.inFlight),
                tab("unknown", "Can’t be told", view.summary.unknown),
              ]}
            />
            <PushForm
              entityId={view.entity.id}
              pushable={view.mayPush ? view.summary.pushable : 0}
              leftOut={view.mayPush ? view.summary.drifting - view.summary.pushable : 0}
            >
              {view.rows.length === 0 ? (
                <EmptyState
                  title={view.summary.items === 0 ? "No stock is compared yet." : "No item is shown."}
                >
                  {view.summary.items === 0
                    ? "Items appear here once SCAYLE’s stock and orders and the ERP’s stock have been read."
                    : "No item is in this view, or is found by these words."}
                </EmptyState>
              ) : (
                <StockTable rows={view.rows} timeZone={view.timeZone} choosing={view.mayPush} />
              )}
            </PushForm>
            {view.total > 0 && (
              <Pagination page={view.query.page} pageSize={view.pageSize} total={view.total} />
            )}
          </Card>
          <StockPolicyCard view={view} />
          <BasketLog view={view} />
        </>
      )}
    </ConsolePage>
  );
}
