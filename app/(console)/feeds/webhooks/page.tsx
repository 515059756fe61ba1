import type { Metadata, Route } from "next";
import { NoWorker } from "@/components/feeds/no-worker";
import { ResyncRow } from "@/components/orders/resync-row";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Pagination } from "@/components/ui/pagination";
import { withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { EventsTable, eventStates } from "@/components/webhooks/events-table";
import { loadWebhooks } from "@/lib/webhooks/loaders";

export const metadata: Metadata = { title: "Webhooks" };

export default async function WebhooksPage({ searchParams }: PageProps<"/feeds/webhooks">) {
  const params = await searchParams;
  const { entities, entity, state, page, pageSize, found, timeZone, mayResync, workerMissing } =
    await loadWebhooks(params);
  const tabOf = (value: string | null, label: string, count: number) => ({
    href: `/feeds/webhooks${withParams(params, { state: value, page: null })}`,
    label,
    count,
    current: state === value,
  });
  const counts = found?.counts ?? new Map<string, number>();
  const tabs = [
    tabOf(
      null,
      "All",
      [...counts.values()].reduce((sum, one) => sum + one, 0),
    ),
    ...Object.entries(eventStates).map(([value, [, word]]) => tabOf(value, word, counts.get(value) ?? 0)),
  ];
  return (
    <ConsolePage
      title="Webhooks"
      description="What other systems told us. A hint each: the order or stock it names is read again from its system."
      context={{ entities, entity }}
      actions={<ButtonLink href={"/feeds" as Route}>All feeds</ButtonLink>}
    >
      <NoWorker missing={workerMissing} />
      <Card title="Endpoints">
        {!found || found.endpoints.length === 0 ? (
          <p className="text-sm text-soft">
            No system calls us yet; the feeds are read at their interval. An administrator makes an endpoint
            with <code>npm run tieout -- webhook add --connection …</code>
          </p>
        ) : (
          <ul className="flex flex-col gap-1 text-sm">
            {found.endpoints.map((one) => (
              <li key={one.id}>
                <span className="font-mono">{one.id}</span> · {one.connection} ·{" "}
                {one.lastAt ? (
                  <>
                    last event <Instant at={one.lastAt} timeZone={timeZone} />
                  </>
                ) : (
                  "no event yet"
                )}
              </li>
            ))}
          </ul>
        )}
      </Card>
      {found && (
        <Card flush>
          <Tabs label="States" tabs={tabs} />
          {found.rows.length === 0 ? (
            <EmptyState title={state ? "No event is in this state." : "No event has come yet."}>
              Events appear here as they come, each with what followed from it.
            </EmptyState>
          ) : (
            <EventsTable
              rows={found.rows}
              timeZone={timeZone}
              resync={
                entity && mayResync
                  ? (orderKey, name) => <ResyncRow name={name} target={{ entityId: entity.id, orderKey }} />
                  : undefined
              }
            />
          )}
          {found.total > 0 && <Pagination page={page} pageSize={pageSize} total={found.total} />}
        </Card>
      )}
    </ConsolePage>
  );
}
