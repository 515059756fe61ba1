import type { Route } from "next";
import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { DayText } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { RootCauseView } from "@/lib/root-causes/loaders";
import { FixEffect } from "./fix-effect";
import { Amounts, exceptionsOf } from "./root-cause-cards";

/** One root cause whole: what it is, what tells it apart, when it began and what changed then, the fix and what it would do. */
export function RootCauseDetail({
  view,
  contrast,
  handOver,
  resolution,
}: Readonly<{ view: RootCauseView; contrast: ReactNode; handOver: ReactNode; resolution: ReactNode }>) {
  const { root } = view;
  return (
    <>
      <Card>
        <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
          <div className="flex min-w-0 flex-wrap items-center gap-2">
            <Badge tone={root.openCount > 0 ? "attention" : "agrees"}>
              {root.openCount > 0 ? "To act on" : "Cleared"}
            </Badge>
            <span className="break-words">{root.attributes}</span>
          </div>
          <Amounts card={root} />
        </div>
        <p className="mt-2 max-w-prose">
          {root.openCount > 0 ? `${root.extent}.` : "None of its exceptions is open any more."}
        </p>
        {root.meaning && <p className="mt-1 max-w-prose text-sm text-soft">{root.meaning}</p>}
        {root.openCount > 0 && (
          <div className="mt-3">
            <ButtonLink href={exceptionsOf(root)} variant="secondary">
              {root.openCount === 1
                ? "Open its exception"
                : `Open its ${root.openCount.toLocaleString("en")} exceptions`}
            </ButtonLink>
          </div>
        )}
      </Card>
      {root.openCount > 0 && <Fix view={view} />}
      {resolution}
      {root.openCount > 0 && handOver}
      {contrast}
      <Days view={view} />
    </>
  );
}

function Fix({ view }: Readonly<{ view: RootCauseView }>) {
  const { root } = view;
  const { fix } = root;
  return (
    <Card title={fix.isOne ? "The one fix" : "What puts it right"}>
      <div className="flex flex-col items-start gap-3">
        <p className="max-w-prose">{fix.sentence}</p>
        {fix.computable ? (
          <FixEffect view={view} />
        ) : (
          <p className="max-w-prose text-sm text-soft">{fix.whyNot}</p>
        )}
        {fix.change && (
          <ButtonLink href={changeHref(root.entityId, fix.change)} variant="quiet">
            {fix.change.label}
          </ButtonLink>
        )}
      </div>
    </Card>
  );
}

const changeHref = (
  entityId: string,
  { kind, draft }: NonNullable<RootCauseView["root"]["fix"]["change"]>,
): Route =>
  `/settings/change?${new URLSearchParams({ entity: entityId, change: kind, ...draft }).toString()}` as Route;

const EARLIER_MOST = 20;

/** What is open from before the day on which it began: alike, and each probably wrong by itself. */
function Earlier({ days, onset }: Readonly<{ days: RootCauseView["earlier"]; onset: string }>) {
  const count = days.reduce((all, one) => all + one.count, 0);
  return (
    <p className="max-w-prose p-4 text-sm text-soft">
      {count === 1
        ? "One exception that looks alike is"
        : `${count.toLocaleString("en")} exceptions that look alike are`}{" "}
      from before it began on <DayText day={onset} />, probably wrong by{" "}
      {count === 1 ? "itself" : "themselves"}:{" "}
      {days.slice(0, EARLIER_MOST).map((one, index) => (
        <span key={one.day}>
          {index > 0 && ", "}
          {one.count.toLocaleString("en")} on <DayText day={one.day} />
        </span>
      ))}
      {days.length > EARLIER_MOST && `, and on ${days.length - EARLIER_MOST} more days`}.
    </p>
  );
}

/** A table of more days is folded: a long one pushes all else off the page. */
const DAYS_SHOWN = 14;

/** Exceptions a day, and what is older than the beginning. */
function Days({ view: { days, earlier, onset } }: Readonly<{ view: RootCauseView }>) {
  if (days.length + earlier.length === 0) return null;
  return (
    <Card title="Day by day" flush>
      {days.length > DAYS_SHOWN ? (
        <details className="text-sm">
          <summary className="cursor-pointer px-4 py-3">
            {days.length.toLocaleString("en")} days with exceptions, from{" "}
            <DayText day={days[0]?.day ?? onset} /> to <DayText day={days.at(-1)?.day ?? onset} />
          </summary>
          <DaysTable days={days} />
        </details>
      ) : (
        <DaysTable days={days} />
      )}
      {earlier.length > 0 && <Earlier days={earlier} onset={onset} />}
    </Card>
  );
}

/** Exceptions a day as bars; the table is the chart, so nothing is told by a picture alone. */
function DaysTable({ days }: Readonly<{ days: RootCauseView["days"] }>) {
  const most = Math.max(1, ...days.map((one) => one.count));
  return (
    <Table caption="Open exceptions of this root cause by business day">
      <thead>
        <tr>
          <Th>Day</Th>
          <Th align="end">Exceptions</Th>
          <Th className="w-1/2">
            <span className="sr-only">As a bar</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {days.map(({ day, count }) => (
          <tr key={day}>
            <Td>
              <DayText day={day} />
            </Td>
            <Td align="end">{count.toLocaleString("en")}</Td>
            <Td>
              <div
                aria-hidden
                className="h-2 rounded-sm bg-accent"
                style={{ width: `${Math.max(1, Math.round((count * 100) / most))}%` }}
              />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
