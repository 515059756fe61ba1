import type { Route } from "next";
import Link from "next/link";
import { CloseTabs } from "@/components/close/close-tabs";
import { DebtTable } from "@/components/close/debt-table";
import { MovedCard } from "@/components/close/moved-card";
import { ConsolePage } from "@/components/shell/console-page";
import { TieOutStrips } from "@/components/shell/tie-out-strip";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { FollowMark } from "@/components/ui/follow-mark";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { monthName } from "@/lib/domain/day";
import { loadAsAt, loadMoved } from "@/lib/moves/loaders";
import { type MoveTotal, momentFrom, totalText } from "@/lib/moves/schema";
import { CurrencyFigures } from "./currency-figures";

/** A month as it was shown at a moment: strip, bridge, causes and buckets, from what moved them up to then. */
export async function AsAt({ asked, period: month }: Readonly<{ asked: SearchParams; period: string }>) {
  const [view, moved] = await Promise.all([loadAsAt(month, asked), loadMoved(month, asked)]);
  const { entity, entities, period, query, summaries } = view;
  const why = (currency: string, total: MoveTotal) =>
    `/close/${period}/why${withParams({}, { entity: entity.id, currency, total: totalText(total), since: "start", at: query.at ?? null })}`;
  const strips = summaries.map(({ strip, totals: { currency } }) => ({
    ...strip,
    scayle: { ...strip.scayle, href: why(currency, { name: "scayle", key: null }) },
    explained: { ...strip.explained, href: why(currency, { name: "explained", key: null }) },
    unexplained: { ...strip.unexplained, href: why(currency, { name: "unexplained", key: null }) },
    erp: { ...strip.erp, href: why(currency, { name: "erp", key: null }) },
  }));
  const at = momentFrom(query.at);
  const debtHref = `/close/${period}/debt${withParams({}, { entity: entity.id, at: query.at ?? null })}`;
  return (
    <ConsolePage
      title={`Close of ${monthName(period)} as at ${view.instead ? (at && "day" in at ? "the last day that is over" : "now") : view.words}`}
      description={`${entity.name} · ${entity.timeZone}`}
      context={{ entities, entity, period, periods: view.periods, asOf: summaries[0]?.asOf ?? null }}
      strip={<TieOutStrips strips={strips} own={entity.currency} />}
    >
      <Message
        tone="attention"
        title="These are not the figures of today."
        action={
          <Link
            href={`/close/${period}${withParams({}, { entity: entity.id })}` as Route}
            className="underline underline-offset-4"
          >
            Show today
          </Link>
        }
      >
        {view.instead && <p>{view.instead}</p>}
        {view.moment ? (
          <>
            What the page showed from <Instant at={view.moment.shownFrom} timeZone={entity.timeZone} /> on,
            until the next reconciliation. Signatures, the checklist, corrections and the feeds are on the
            page of today: each of them says when it was made.
          </>
        ) : (
          "Nothing of this month had been reconciled by then."
        )}
        {view.moment && !view.kept && (
          <p>How figures moved was not kept yet at that time: these are the totals as they were stored.</p>
        )}
      </Message>
      {view.kept && summaries.length > 0 && (
        <p className="text-sm">
          {summaries.every(({ agrees }) => agrees) ? (
            <Badge tone="agrees">Movements up to then = what was shown</Badge>
          ) : (
            <Badge tone="broken">Movements up to then are not what was shown</Badge>
          )}
        </p>
      )}
      <CloseTabs entityId={entity.id} period={period} current="" at={query.at} />
      <MovedCard moved={moved} asked={asked} />
      {summaries.length === 0 ? (
        <Card>
          <EmptyState title="Nothing was known of this month yet on that day.">
            Choose a later day, or look at today’s figures.
          </EmptyState>
        </Card>
      ) : (
        summaries.map((summary) => {
          const { currency } = summary.totals;
          return (
            <CurrencyFigures
              key={currency}
              asked={asked}
              view={{
                entity,
                period,
                titles: view.titles,
                quiet: [],
                at: query.at,
                hrefOf: (cause) =>
                  `/close/${period}/differences${withParams({}, { entity: entity.id, currency, key: cause, at: query.at ?? null })}`,
              }}
              summary={{
                ...summary,
                strip: strips.find((one) => one.currency === currency) ?? summary.strip,
              }}
              moved={moved.currencies.find((one) => one.currency === currency)}
            />
          );
        })
      )}
      <Card
        title="Open by age"
        description="What people had to act on in this month then, by days since the day of business"
        flush
      >
        {view.debt ? (
          <DebtTable
            debt={view.debt}
            hrefOf={() => debtHref}
            {...(view.moment === null && { none: "Nothing was known of this month yet on that day." })}
          />
        ) : (
          <p className="p-4 text-sm text-soft">
            What was open is kept from a later day on: of this one it is not known.
          </p>
        )}
      </Card>
      <FollowMark />
    </ConsolePage>
  );
}
