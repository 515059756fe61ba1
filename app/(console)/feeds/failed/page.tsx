import type { Metadata, Route } from "next";
import { FailedFilterForm } from "@/components/feeds/failed-filter";
import { FailedList } from "@/components/feeds/failed-list";
import { LackForm } from "@/components/settings/change/lack-form";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { loadLacksOfFailed } from "@/lib/settings/change/loaders";
import { loadFailed } from "@/lib/sync/loaders";

export const metadata: Metadata = { title: "Failed records" };

export default async function FailedPage({ searchParams }: PageProps<"/feeds/failed">) {
  const params = await searchParams;
  const view = await loadFailed(oneParam(params["entity"]), {
    class: oneParam(params["class"]) || undefined,
    feed: oneParam(params["feed"]) || undefined,
    state: oneParam(params["state"]) || undefined,
  });
  const { records, entities, entity, timeZone, mayRetry } = view;
  const lacks = await loadLacksOfFailed(entity?.id, records);
  return (
    <ConsolePage
      title="Failed records"
      description="What was received and could not be read, mapped or written. Nothing is skipped: each is kept with its payload until it can be."
      context={{ entities, entity }}
      actions={<ButtonLink href={"/feeds" as Route}>All feeds</ButtonLink>}
    >
      <FailedFilterForm view={view} />
      <Card flush>
        {records.length === 0 || !entity ? (
          <EmptyState title="No record fails here.">
            A record that can’t be read, mapped or written appears here with its payload, its fault and its
            owner.
          </EmptyState>
        ) : (
          <FailedList
            records={records}
            timeZone={timeZone}
            entityId={entity.id}
            mayRetry={mayRetry}
            lacks={Object.fromEntries(
              [...lacks].map(([id, lack]) => [id, <LackForm key={id} lack={lack} />]),
            )}
            mayResync={view.mayResync}
            count={view.matching}
            filter={Object.fromEntries(
              Object.entries(view.filter).flatMap(([name, value]) => (value ? [[name, value]] : [])),
            )}
          />
        )}
      </Card>
    </ConsolePage>
  );
}
