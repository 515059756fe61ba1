import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { DayText, Instant } from "@/components/ui/instant";
import { Pagination } from "@/components/ui/pagination";
import type { Carried } from "@/lib/close/debt";
import { type Month, monthName } from "@/lib/domain/day";

/** What earlier months carry into this one, each with who has it and what happened to it. */
export function CarriedList({
  rows,
  period,
  titles,
  timeZone,
  paging,
}: Readonly<{
  rows: readonly Carried[];
  period: Month;
  titles: Readonly<Record<string, string>>;
  timeZone: string;
  paging: Readonly<{ page: number; pageSize: number; total: number }>;
}>) {
  if (rows.length === 0)
    return <p className="p-4 text-sm text-soft">Nothing of earlier months is still open.</p>;
  return (
    <>
      <ul aria-label="Carried forward" className="divide-y divide-line text-sm">
        {rows.map((row) => (
          <li key={row.id} className="flex flex-col gap-1 px-4 py-2.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span>
                <Link
                  href={`/exceptions/${row.id}` as Route}
                  className="font-medium underline decoration-line-strong underline-offset-4"
                >
                  {titles[row.cause] ?? row.cause}
                </Link>{" "}
                ·{" "}
                {row.order
                  ? `order ${row.order}`
                  : (row.about ?? `document ${row.document ?? "without a number"}`)}
              </span>
              <span>
                {row.matter ?? (
                  <>
                    gross <Amount minor={row.gross} currency={row.currency} signed />, tax{" "}
                    <Amount minor={row.tax} currency={row.currency} signed withCurrency />
                  </>
                )}
              </span>
            </div>
            <p className="text-soft">
              Of {monthName(row.month)}, carried over {monthsWords(row.month, period)}; {row.team}
              {row.assignee ? `, ${row.assignee}` : ", nobody has it yet"}
              {row.due && (
                <>
                  , due <DayText day={row.due} />
                </>
              )}
            </p>
            <details>
              <summary className="cursor-pointer text-soft">
                History: {row.events === 1 ? "1 event" : `${row.events} events`}
              </summary>
              <ol
                aria-label={`History of ${row.order ?? row.about ?? row.document}`}
                className="flex flex-col gap-0.5 pt-1 pl-4"
              >
                {row.moments.map((moment) => (
                  <li key={`${moment.at} ${moment.kind}`}>
                    <Instant at={new Date(moment.at)} timeZone={timeZone} />, {moment.who}:{" "}
                    {moment.kind.replaceAll("-", " ")}
                    {moment.text && <span className="text-soft"> · {moment.text}</span>}
                  </li>
                ))}
                {row.events > row.moments.length && (
                  <li className="text-soft">
                    Earlier events are on its{" "}
                    <Link href={`/exceptions/${row.id}` as Route} className="underline underline-offset-4">
                      own page
                    </Link>
                    .
                  </li>
                )}
              </ol>
            </details>
          </li>
        ))}
      </ul>
      <Pagination {...paging} />
    </>
  );
}

/** "1 month end": how many ends of months it has lived through. */
function monthsWords(from: Month, to: Month): string {
  const number = (month: Month) => Number(month.slice(0, 4)) * 12 + Number(month.slice(5));
  const ends = number(to) - number(from);
  return ends === 1 ? "1 month’s end" : `${ends} months’ ends`;
}
