import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import { feedName } from "@/lib/domain/feed-name";
import type { PressureView } from "@/lib/sync/load-view";

const whole = (count: number): string => count.toLocaleString("en");

/** Peak mode and why, what waits to be read, and what is left of the sources' rate limits. */
export function PressureCard({ view }: Readonly<{ view: PressureView }>) {
  return (
    <Card
      title="Peak, backlog and rate limits"
      description="What waits to be read, and what the sources still let us ask"
    >
      <div className="flex flex-col gap-4 text-sm">
        <Peak view={view} />
        <Waiting view={view} />
        <Backlog view={view} />
        <Budgets view={view} />
      </div>
    </Card>
  );
}

function Peak({ view: { slow } }: Readonly<{ view: PressureView }>) {
  if (slow.length === 0)
    return (
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone="agrees">Peak mode off</Badge> Every feed is read at its own interval.
      </p>
    );
  return (
    <div className="flex flex-col gap-1">
      <p className="flex flex-wrap items-center gap-2">
        <Badge tone="attention">Peak mode on</Badge>{" "}
        {slow.length === 1 ? "One feed is" : `${slow.length} feeds are`} slowed down on purpose; it ends by
        itself.
      </p>
      <ul aria-label="Feeds that are slowed down" className="flex flex-col gap-1">
        {slow.map((feed) => (
          <li key={feed.id}>
            <Link
              href={`/feeds/feed?id=${encodeURIComponent(feed.id)}` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {feedName(feed)}
            </Link>
            : {feed.reason}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Waiting({ view: { webhooks, entityId, timeZone } }: Readonly<{ view: PressureView }>) {
  if (webhooks.length === 0) return <p>No webhook waits: what they named has been read.</p>;
  return (
    <ul aria-label="Webhooks waiting" className="flex flex-col gap-1">
      {webhooks.map(({ connection, count, since }) => (
        <li key={connection}>
          <Link
            href={`/feeds/webhooks?entity=${encodeURIComponent(entityId)}&state=waiting` as Route}
            className="underline decoration-line-strong underline-offset-4"
          >
            {count === 1 ? "1 webhook waits" : `${whole(count)} webhooks wait`}
          </Link>{" "}
          ({connection}), the oldest since <Instant at={since} timeZone={timeZone} />
        </li>
      ))}
    </ul>
  );
}

function Backlog({ view: { backlogs, timeZone, entityId, nextCount } }: Readonly<{ view: PressureView }>) {
  if (backlogs.length === 0) return null;
  return (
    <div className="flex flex-col gap-1">
      <BacklogTable view={{ backlogs, timeZone, entityId, nextCount }} />
      <p className="max-w-prose text-soft">
        Sources are counted for orders and for sales invoices and credit memos. Invoice lists, the status and
        stock have no row: they are asked for order by order or as they stand now, and their source keeps no
        list that could be counted against what was read.
      </p>
    </div>
  );
}

function BacklogTable({
  view: { backlogs, timeZone, entityId, nextCount },
}: Readonly<{ view: Pick<PressureView, "backlogs" | "timeZone" | "entityId" | "nextCount"> }>) {
  return (
    <Table caption="Backlog by feed" stacked>
      <thead>
        <tr>
          <Th>Backlog of</Th>
          <Th align="end">Records to be read</Th>
          <Th>Counted at its source</Th>
          <Th align="end">Failed records</Th>
        </tr>
      </thead>
      <tbody>
        {backlogs.map((feed) => (
          <tr key={feed.id}>
            <th scope="row" className="h-(--row) border-line border-b px-3 py-1 text-left font-medium">
              {feedName(feed)}
            </th>
            <Td align="end" label="Records to be read">
              {feed.records === null ? "not counted yet" : whole(feed.records)}
            </Td>
            <Td label="Counted at its source">
              {feed.countedAt ? (
                <Instant at={feed.countedAt} timeZone={timeZone} />
              ) : (
                <span>
                  not in the last three days; next at <Instant at={nextCount} timeZone={timeZone} />
                </span>
              )}
            </Td>
            <Td align="end" label="Failed records">
              {feed.failed === 0 ? (
                0
              ) : (
                <Link
                  href={
                    `/feeds/failed?entity=${encodeURIComponent(entityId)}&feed=${encodeURIComponent(feed.id)}` as Route
                  }
                  className="underline decoration-line-strong underline-offset-4"
                >
                  {whole(feed.failed)}
                </Link>
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

/** What sources call their limits, in words; others stand as they are. */
const SCOPES: Readonly<Record<string, string>> = {
  global: "all calls",
  globalRead: "all calls that read",
  orders: "orders",
  ordersRead: "reading orders",
  invoices: "invoice lists",
  stock: "stock",
  stocksRead: "reading stock",
  stocksWrite: "pushing stock",
};

/** "all calls (global)", "orders": its name in words, beside the raw one where that is another. */
const scopeWords = (scope: string): string => {
  const words = SCOPES[scope];
  return words === undefined || words === scope ? scope : `${words} (${scope})`;
};

function Budgets({ view }: Readonly<{ view: PressureView }>) {
  if (view.budgets.length === 0)
    return <p className="text-soft">No source has stated a rate limit so far (X-RateLimit headers).</p>;
  return (
    <>
      <BudgetTable view={view} />
      {view.silent.length > 0 && (
        <p className="text-soft">
          {view.silent.join(", ")} {view.silent.length === 1 ? "states" : "state"} none.
        </p>
      )}
    </>
  );
}

function BudgetTable({ view: { budgets, timeZone } }: Readonly<{ view: PressureView }>) {
  return (
    <Table caption="Rate limits as their sources stated them last" stacked>
      <thead>
        <tr>
          <Th>Limit of</Th>
          <Th align="end">Calls left</Th>
          <Th align="end">Of</Th>
          <Th>Renewed at</Th>
          <Th>Stated at</Th>
        </tr>
      </thead>
      <tbody>
        {budgets.map((budget) => (
          <tr key={`${budget.connectionId} ${budget.scope}`}>
            <th scope="row" className="h-(--row) border-line border-b px-3 py-1 text-left font-medium">
              {budget.connection}: {scopeWords(budget.scope)}
            </th>
            <Td align="end" label="Calls left">
              {whole(budget.remaining)}
            </Td>
            <Td align="end" label="Of">
              {budget.limit === null ? "not stated" : whole(budget.limit)}
            </Td>
            <Td label="Renewed at">
              <span>
                <Instant at={budget.resetAt} timeZone={timeZone} />
                {budget.isOver && <span className="text-soft">, renewed since</span>}
              </span>
            </Td>
            <Td label="Stated at">
              <Instant at={budget.statedAt} timeZone={timeZone} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
