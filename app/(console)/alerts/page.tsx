import type { Metadata } from "next";
import { AlertFilter } from "@/components/alerts/alert-filter";
import { AlertList } from "@/components/alerts/alert-list";
import { ChoosingAlerts } from "@/components/alerts/choosing";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { oneParam } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadAlerts } from "@/lib/alerts/loaders";

export const metadata: Metadata = { title: "Alerts" };

export default async function AlertsPage({ searchParams }: PageProps<"/alerts">) {
  const params = await searchParams;
  const view = await loadAlerts({
    show: oneParam(params["show"]),
    page: oneParam(params["page"]),
    kind: oneParam(params["kind"]),
    team: oneParam(params["team"]),
  });
  const isOpen = view.query.show === "open";
  const choosable = view.alerts
    .filter(({ mayAcknowledge }) => mayAcknowledge)
    .map(({ entityId, id, title }) => ({ entityId, id, title }));
  return (
    <ConsolePage
      title="Alerts"
      description="What somebody has to know of now. Each closes by itself when it is over, and says why it closed; acknowledging says that somebody looks after it."
      actions={view.maySet && <ButtonLink href="/settings/alerts">What is an alert, who gets it</ButtonLink>}
    >
      <Tabs
        label="Which alerts"
        tabs={[
          { href: "/alerts", label: "Open", current: isOpen, count: view.counts.open },
          { href: "/alerts?show=closed", label: "Closed", current: !isOpen, count: view.counts.closed },
        ]}
      />
      <AlertFilter query={view.query} kinds={view.kinds} teams={view.teams} />
      <Card flush>
        {view.alerts.length === 0 ? (
          <EmptyState
            title={
              view.query.kind || view.query.team
                ? "None of this kind and team."
                : isOpen
                  ? "Nothing needs somebody now."
                  : "No alert has closed yet."
            }
          >
            {isOpen
              ? "It is looked at every five minutes and after each reconciliation."
              : "Alerts that closed by themselves are kept here."}
          </EmptyState>
        ) : (
          <>
            <ChoosingAlerts alerts={choosable}>
              <AlertList alerts={view.alerts} choosable={choosable.length > 1} />
            </ChoosingAlerts>
            {view.total > view.pageSize && (
              <Pagination page={view.query.page} pageSize={view.pageSize} total={view.total} />
            )}
          </>
        )}
      </Card>
    </ConsolePage>
  );
}
