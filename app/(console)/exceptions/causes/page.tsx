import type { Metadata, Route } from "next";
import { RootCauseCards } from "@/components/root-causes/root-cause-cards";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Pagination } from "@/components/ui/pagination";
import { withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadRootCauses } from "@/lib/root-causes/loaders";

export const metadata: Metadata = { title: "Root causes" };

/** By how many exceptions a root cause has the list can be narrowed. */
const LEAST = [1, 5, 20, 100] as const;

export default async function RootCausesPage({ searchParams }: PageProps<"/exceptions/causes">) {
  const asked = await searchParams;
  const view = await loadRootCauses(asked);
  if (view.entity === null) {
    return (
      <ConsolePage title="Root causes">
        <EmptyState title="No entity is connected yet.">
          Connect SCAYLE and the ERP of a legal entity; what stands behind their differences appears here.
        </EmptyState>
      </ConsolePage>
    );
  }
  const { entity, entities, query, cards, count, exceptions, causes, pageSize } = view;
  const hrefOf = (cause: string | null) => `/exceptions/causes${withParams(asked, { cause, page: null })}`;
  return (
    <ConsolePage
      title="Root causes"
      description={`${exceptions.toLocaleString("en")} exceptions come from ${count.toLocaleString("en")} root causes. First is the one whose fix is worth most: amount × age × exceptions cleared, within its currency.`}
      context={{ entities, entity }}
      actions={
        <ButtonLink href={`/exceptions?entity=${encodeURIComponent(entity.id)}` as Route}>
          All exceptions
        </ButtonLink>
      }
    >
      {causes.length > 1 && (
        <Tabs
          label="Causes"
          tabs={[
            { href: hrefOf(null), label: "All", current: query.cause === undefined },
            ...causes.map(({ code, title }) => ({
              href: hrefOf(code),
              label: title,
              current: query.cause === code,
            })),
          ]}
        />
      )}
      <Tabs
        label="How many exceptions"
        tabs={LEAST.map((least) => ({
          href: `/exceptions/causes${withParams(asked, { least: least === 1 ? null : String(least), page: null })}`,
          label: least === 1 ? "Any number" : `At least ${least}`,
          current: query.least === least,
        }))}
      />
      {cards.length === 0 ? (
        <Card flush>
          {query.least > 1 ? (
            <EmptyState title={`No root cause has at least ${query.least.toLocaleString("en")} exceptions.`}>
              Those with fewer are shown under “Any number”.
            </EmptyState>
          ) : (
            <EmptyState title="Nothing has to be fixed.">
              A root cause appears when a reconciliation finds exceptions that somebody must act on: those
              with the same cause in the same place are one.
            </EmptyState>
          )}
        </Card>
      ) : (
        <>
          <RootCauseCards cards={cards} timeZone={entity.timeZone} />
          <Pagination page={query.page} pageSize={pageSize} total={count} />
        </>
      )}
    </ConsolePage>
  );
}
