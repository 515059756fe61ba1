import type { Metadata, Route } from "next";
import Link from "next/link";
import { AsAtNote } from "@/components/close/as-at-note";
import { CloseTabs } from "@/components/close/close-tabs";
import { LateCard } from "@/components/close/closed-card";
import { LockedBridge, LockedCauses, LockedPairs } from "@/components/close/locked-causes";
import { LockedSearch } from "@/components/close/locked-search";
import { LockedDocuments, LockedLines, LockedSums } from "@/components/close/locked-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { FollowMark } from "@/components/ui/follow-mark";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Tabs } from "@/components/ui/tabs";
import { loadLocked } from "@/lib/close/locked-view";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "Locked" };

export default async function LockedPage({ params, searchParams }: PageProps<"/close/[period]/locked">) {
  const asked = await searchParams;
  const view = await loadLocked((await params).period, asked);
  const { entity, entities, period, periods, query, signing, isLocked, sums } = view;
  const paging = { page: query.page, pageSize: view.pageSize, total: view.count };
  const hasSides = query.of === "lines" || query.of === "documents";
  const relocked = (signing?.locks.length ?? 0) > 1;
  return (
    <ConsolePage
      title={`What is locked of ${monthName(period)}`}
      description={
        isLocked || view.at
          ? "Lines, documents, pairs and causes as they were when the month was closed. Nobody can change them; what came later is beside them."
          : `${entity.name} has never closed this month.`
      }
      context={{ entities, entity, period, periods }}
    >
      <CloseTabs entityId={entity.id} period={period} current="/locked" at={view.at?.asked} />
      <AsAtNote at={view.at} here={`/close/${period}/locked`} asked={asked}>
        {view.isLocked
          ? `What lock ${view.lockNo} held, which was the newest then. What an order is called is as it is today; late arrivals are those of today, and are not shown.`
          : "The month had not been closed by then."}
      </AsAtNote>
      {isLocked ? (
        <div className="flex min-w-0 flex-col gap-4">
          <Tabs label="What is listed" tabs={kinds(asked, query.of)} />
          {hasSides && <Tabs label="Side" tabs={sides(asked, query.side)} />}
          {view.bridges.map(({ currency, scayle, erp, sums: found }) => (
            <Card
              key={currency}
              title={`Bridge in ${currency}, as it is locked`}
              description="What was found when the month was locked: SCAYLE − ERP, by cause and bucket"
              flush
            >
              <LockedBridge
                currency={currency}
                scayle={scayle}
                erp={erp}
                sums={found}
                titles={view.titles}
                hrefs={Object.fromEntries(
                  found.map(({ code }) => [code, withParams(asked, { cause: code, page: null })]),
                )}
              />
            </Card>
          ))}
          <Card flush>
            {query.cause !== undefined && !hasSides && (
              <p className="flex flex-wrap items-baseline gap-x-3 px-3 pt-3 text-sm">
                <Badge>Only {view.titles[query.cause] ?? query.cause}</Badge>
                <Link
                  href={withParams(asked, { cause: null, page: null }) as Route}
                  className="underline underline-offset-4"
                >
                  List all
                </Link>
              </p>
            )}
            <LockedSearch
              action={`/close/${period}/locked`}
              value={query.q}
              keep={{ entity: entity.id, of: query.of, ...(hasSides ? { side: query.side } : {}) }}
              label={hasSides ? "Order, document, item or tax code" : "Order or item"}
            />
            {hasSides && <LockedSums sums={sums} noun={view.documents ? "document" : "line"} />}
            {view.lines && <LockedLines rows={view.lines} paging={paging} relocked={relocked} />}
            {view.documents && <LockedDocuments rows={view.documents} paging={paging} relocked={relocked} />}
            {view.causes && <LockedCauses rows={view.causes} paging={paging} />}
            {view.pairs && <LockedPairs rows={view.pairs} paging={paging} />}
          </Card>
          {signing && view.at === null && <LateCard view={signing} timeZone={entity.timeZone} />}
        </div>
      ) : (
        <Card>
          <EmptyState title="Nothing is locked of this month.">
            Once it is signed and closed, what was signed is kept here.{" "}
            <Link
              href={`/close/${period}?entity=${encodeURIComponent(entity.id)}#sign-off` as Route}
              className="underline underline-offset-4"
            >
              How its signing stands
            </Link>
          </EmptyState>
        </Card>
      )}
      <FollowMark />
    </ConsolePage>
  );
}

const kinds = (asked: SearchParams, current: string) =>
  (
    [
      ["lines", "Lines"],
      ["documents", "Documents"],
      ["causes", "Bridge and causes"],
      ["pairs", "Pairs"],
    ] as const
  ).map(([of, label]) => ({
    href: withParams(asked, { of: of === "lines" ? null : of, page: null, q: null, cause: null }),
    label,
    current: of === current,
  }));

const sides = (asked: SearchParams, current: string) =>
  (
    [
      ["scayle", "SCAYLE"],
      ["erp", "ERP"],
    ] as const
  ).map(([side, label]) => ({
    href: withParams(asked, { side: side === "scayle" ? null : side, page: null }),
    label,
    current: side === current,
  }));
