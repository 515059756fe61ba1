import type { Metadata, Route } from "next";
import Link from "next/link";
import { BaseTabs, dayOf, SpanNotice } from "@/components/close/moved-card";
import { MovesTable } from "@/components/close/moves-table";
import { countText, figureWords, reasonWords, totalWords } from "@/components/close/moves-words";
import { SinceForm } from "@/components/close/since-form";
import { ConsolePage } from "@/components/shell/console-page";
import { Amount, amountText } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { type SearchParams, withParams } from "@/components/ui/search-params";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { Tabs } from "@/components/ui/tabs";
import { monthName } from "@/lib/domain/day";
import { loadWhy, type WhyView } from "@/lib/moves/loaders";
import { type MoveTotal, moveFigures, totalText } from "@/lib/moves/schema";

export const metadata: Metadata = { title: "Why it moved" };

export default async function WhyPage({ params, searchParams }: PageProps<"/close/[period]/why">) {
  const asked = await searchParams;
  const view = await loadWhy((await params).period, asked);
  const { entity, entities, period, query } = view;
  const listed = view.sums.filter((one) => query.why === undefined || one.why === query.why);
  return (
    <ConsolePage
      title={`Why ${totalWords(query.total, view.cause)} moved`}
      description={
        <>
          {entity.name}, {monthName(period)}, {view.currency} ·{" "}
          <Link
            href={closeHref(view) as Route}
            className="underline decoration-line-strong underline-offset-4"
          >
            Back to the month
          </Link>
        </>
      }
      context={{ entities, entity, period, periods: view.periods }}
    >
      <Card flush>
        <BaseTabs bases={view.bases} asked={asked} />
        <SpanNotice span={view} timeZone={entity.timeZone} />
        <div className="p-4">
          <SinceForm
            since={dayOf(query.since)}
            at={dayOf(query.at)}
            kept={{
              entity: entity.id,
              currency: view.currency,
              total: totalText(query.total),
              of: query.of,
            }}
          />
        </div>
      </Card>
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        {view.currencies.length > 1 && (
          <Tabs
            label="Currency"
            tabs={view.currencies.map((currency) => ({
              href: withParams(asked, { currency, page: null }),
              label: currency,
              current: currency === view.currency,
            }))}
          />
        )}
        <Tabs
          label="Figure"
          tabs={moveFigures.map((of) => ({
            href: withParams(asked, { of: of === "gross" ? null : of, page: null }),
            label: figureWords[of],
            current: of === query.of,
          }))}
        />
      </div>
      <Tabs
        label="Total"
        tabs={view.totals.map(({ total, moved, current, cause }) => ({
          href: withParams(asked, {
            total: totalText(total),
            currency: view.currency,
            of: query.of === "gross" ? null : query.of,
            why: null,
            page: null,
          }),
          label: totalNames[total.name] ?? cause ?? totalText(total),
          count: query.of === "count" ? countText(moved) : amountText(moved, view.currency, true),
          current,
        }))}
      />
      {!view.change.agrees && (
        <Message tone="broken" title="These events do not add up to the change.">
          What was shown before and what is shown after differ by another amount than they come to. Tell
          whoever runs Tieout; the proof of the month says which total is not the sum of its movements.
        </Message>
      )}
      <Card title="From before to after" flush>
        <Sums view={view} asked={asked} />
      </Card>
      <Tabs
        label="Order"
        tabs={(["amount", "at"] as const).map((sort) => ({
          href: withParams(asked, { sort: sort === "amount" ? null : sort, page: null }),
          label: sort === "amount" ? "Largest first" : "Newest first",
          current: sort === query.sort,
        }))}
      />
      <Card flush>
        <MovesTable
          moves={view.moves}
          currency={view.currency}
          timeZone={entity.timeZone}
          of={query.of}
          sum={listed.reduce((sum, one) => sum + one.amount, 0n)}
          paging={{
            page: query.page,
            pageSize: view.pageSize,
            total: listed.reduce((sum, one) => sum + one.count, 0),
          }}
        />
      </Card>
    </ConsolePage>
  );
}

/** The totals of the tie-out, as its strip calls them. */
const totalNames: Readonly<Partial<Record<MoveTotal["name"], string>>> = {
  scayle: "SCAYLE",
  explained: "Explained",
  unexplained: "Unexplained",
  erp: "ERP",
};

function closeHref({ period, entity, query }: WhyView): string {
  const kept = { entity: entity.id, since: query.since ?? null, at: query.at ?? null };
  return `/close/${period}${withParams({}, kept)}`;
}

/** The figure before, what moved it by reason, and the figure after. */
function Sums({ view, asked }: Readonly<{ view: WhyView; asked: SearchParams }>) {
  const { change, sums, query, currency, entity } = view;
  const figure = (value: bigint, signed: boolean) =>
    query.of === "count" ? (
      signed ? (
        countText(value)
      ) : (
        value.toLocaleString("en")
      )
    ) : (
      <Amount minor={value} currency={currency} signed={signed} />
    );
  return (
    <Table caption="From before to after, by what made it">
      <thead>
        <tr>
          <Th>What</Th>
          <Th align="end">Events</Th>
          <Th align="end">{query.of === "count" ? "Count" : `${figureWords[query.of]} ${currency}`}</Th>
        </tr>
      </thead>
      <tbody>
        <TotalRow>
          <Td>
            Before
            {view.from && (
              <>
                , as of <Instant at={view.from} timeZone={entity.timeZone} />
              </>
            )}
          </Td>
          <Td align="end" />
          <Td align="end">{figure(change.before, false)}</Td>
        </TotalRow>
        {sums.map(({ why, count, amount }) => (
          <tr key={why} aria-current={query.why === why || undefined}>
            <Td>
              <Link
                href={withParams(asked, { why: query.why === why ? null : why, page: null }) as Route}
                className="underline decoration-line-strong underline-offset-4"
              >
                {reasonWords[why][0]}
              </Link>
              <span className="text-soft max-md:hidden">: {reasonWords[why][1].toLowerCase()}</span>
              {query.why === why && (
                <>
                  {" "}
                  <Badge>Only this is listed</Badge>
                </>
              )}
            </Td>
            <Td align="end">{count.toLocaleString("en")}</Td>
            <Td align="end">{figure(amount, true)}</Td>
          </tr>
        ))}
        <TotalRow>
          <Td>
            After
            {view.to && (
              <>
                , as of <Instant at={view.to.at} timeZone={entity.timeZone} />
              </>
            )}{" "}
            <Badge tone={change.agrees ? "agrees" : "broken"}>
              {change.agrees ? "Before + events = after" : "Does not add up"}
            </Badge>
          </Td>
          <Td align="end">{sums.reduce((all, one) => all + one.count, 0).toLocaleString("en")}</Td>
          <Td align="end">{figure(change.after, false)}</Td>
        </TotalRow>
      </tbody>
    </Table>
  );
}
