import type { Metadata, Route } from "next";
import Link from "next/link";
import { ConsolePage } from "@/components/shell/console-page";
import { CodesTable } from "@/components/status/codes-table";
import { TransitionsTable } from "@/components/status/transitions-table";
import { WaitingList } from "@/components/status/waiting-list";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { FollowMark } from "@/components/ui/follow-mark";
import { Instant } from "@/components/ui/instant";
import { Pagination } from "@/components/ui/pagination";
import { withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { isTransition, transitionOf } from "@/lib/domain/status/transitions";
import { loadStatus } from "@/lib/status/loaders";

export const metadata: Metadata = { title: "Order status" };

const AS = { "on-time": "on time", late: "late but normal", stuck: "stuck" } as const;

export default async function StatusPage({ searchParams }: PageProps<"/feeds/status">) {
  const params = await searchParams;
  const { entities, entity, timeZone, query, found, shop, listed } = await loadStatus(params);
  const hrefOf = (step: string, as: string | null) =>
    `/feeds/status${withParams(params, { step, as, page: null, shop: shop?.shopId ?? null })}#orders`;
  const { step = "" } = query;
  const name = isTransition(step)
    ? `${transitionOf(step).from} → ${transitionOf(step).to}: ${AS[query.as ?? "on-time"]}`
    : step === "unknown"
      ? "States that are not known here"
      : "States that contradict each other";
  return (
    <ConsolePage
      title="Order status"
      description="How far orders are in SCAYLE and in the ERP, how long each step takes, and what stands still."
      context={{ entities, entity }}
      actions={
        <>
          {entity && (
            <ButtonLink
              href={`/exceptions?entity=${encodeURIComponent(entity.id)}&cause=status-drift` as Route}
            >
              Exceptions “Status stuck”
            </ButtonLink>
          )}
          <ButtonLink href={(entity ? `/feeds?entity=${encodeURIComponent(entity.id)}` : "/feeds") as Route}>
            All feeds
          </ButtonLink>
        </>
      }
    >
      {!found || !shop ? (
        <EmptyState title="No shop is connected yet.">
          Steps are measured once SCAYLE’s orders are read and reconciled.
        </EmptyState>
      ) : (
        <>
          <Card flush>
            <Tabs
              label="Shops"
              tabs={found.shops.map((one) => ({
                href: `/feeds/status${withParams(params, { shop: one.shopId, step: null, as: null, page: null })}`,
                label: one.name,
                current: one.shopId === shop.shopId,
                ...(one.stuck > 0 ? { count: `${one.stuck} stuck` } : {}),
              }))}
            />
            <p className="max-w-prose px-3 py-3 text-sm text-soft">
              Measured over the last 90 days, as of <Instant at={found.asOf} timeZone={timeZone} />. A step is
              stuck when it takes longer than 19 of 20 do, and as much again as those exceed the median;
              before that it is late and normal, and nobody has to do anything.
            </p>
            <TransitionsTable shop={shop} hrefOf={hrefOf} />
            <p className="max-w-prose px-3 pt-3 text-sm text-soft">
              The counts are of all orders that stand so. Where another exception says the same of an order (a
              sale, a credit memo or a credit note is missing, or a cancelled order was invoiced), there is no
              “Status stuck” beside it: such an order is in the counts and not among the exceptions “Status
              stuck”. The list behind a count names the exception of each.
            </p>
            <ul className="flex flex-col gap-1 px-3 py-3 text-sm">
              <li>
                {shop.contradictory > 0 ? (
                  <Link
                    href={hrefOf("contradictory", null) as Route}
                    className="underline underline-offset-2"
                  >
                    {shop.contradictory} orders whose states contradict each other
                  </Link>
                ) : (
                  "No order whose states contradict each other"
                )}
              </li>
              <li>
                {shop.unknown > 0 ? (
                  <Link href={hrefOf("unknown", null) as Route} className="underline underline-offset-2">
                    {shop.unknown} orders with a state that is not known here: it is kept, and judged by
                    nothing
                  </Link>
                ) : (
                  "No order with a state that is not known here"
                )}
              </li>
            </ul>
          </Card>
          {listed && (
            <Card id="orders" title={name} description={shop.name} flush>
              <FollowMark key={`${shop.shopId} ${step} ${query.as ?? ""}`} />
              <WaitingList rows={listed.rows} step={step} timeZone={timeZone} />
              {listed.total > 0 && (
                <Pagination page={query.page} pageSize={listed.pageSize} total={listed.total} />
              )}
            </Card>
          )}
          <Card title="What is allowed">
            <CodesTable />
          </Card>
        </>
      )}
    </ConsolePage>
  );
}
