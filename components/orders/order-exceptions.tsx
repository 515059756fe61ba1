import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Difference } from "@/components/ui/difference";
import { DayText } from "@/components/ui/instant";
import type { OrderView } from "@/lib/orders/loaders";

/**
 * What is wrong with the order, who owns it and until when. Links only for those who may open them; the others read first what is
 * still to be done.
 */
export function OrderExceptions({
  exceptions,
  maySee,
}: Readonly<{ exceptions: OrderView["exceptions"]; maySee: boolean }>) {
  const open = exceptions.filter((one) => one.isOpen);
  const settled = exceptions.filter((one) => !one.isOpen);
  return (
    <Card title="Exceptions" flush={exceptions.length > 0}>
      {exceptions.length === 0 ? (
        <p className="max-w-prose text-sm text-soft">
          None. What one system has and the other hasn’t yet, within the time that posting normally takes, is
          no exception.
        </p>
      ) : maySee ? (
        <List label="Exceptions of this order" exceptions={exceptions} maySee />
      ) : (
        <>
          <List label="Exceptions of this order" exceptions={open} maySee={false} />
          {settled.length > 0 && (
            <details>
              <summary className="cursor-pointer px-4 py-2.5 text-sm text-soft">
                {settled.length === 1 ? "1 that is settled" : `${settled.length} that are settled`}
              </summary>
              <List label="Settled exceptions of this order" exceptions={settled} maySee={false} />
            </details>
          )}
        </>
      )}
    </Card>
  );
}

function List({
  label,
  exceptions,
  maySee,
}: Readonly<{ label: string; exceptions: OrderView["exceptions"]; maySee: boolean }>) {
  if (exceptions.length === 0) return null;
  return (
    <ul aria-label={label} className="flex flex-col">
      {exceptions.map((one) => (
        <li
          key={one.id}
          className="flex flex-col gap-1 border-line border-b px-4 py-3 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-center justify-between gap-2">
            <Badge tone={one.isOpen ? "attention" : "explained"}>
              {maySee ? (
                <Link href={`/exceptions/${one.id}` as Route} className="underline underline-offset-2">
                  {one.title}
                </Link>
              ) : (
                one.title
              )}
            </Badge>
            <Difference
              net={one.net}
              tax={one.tax}
              gross={one.gross}
              currency={one.currency}
              className="font-medium"
            />
          </div>
          {one.explanation && <p className="max-w-prose">{one.explanation}</p>}
          <p className="text-soft text-xs">
            {one.isOpen ? (
              <>
                <span className="capitalize">{one.ownerTeam}</span> owns it
                {one.assignee ? `, ${one.assignee} works on it` : ", nobody works on it yet"}
                {one.due && (
                  <>
                    , due <DayText day={one.due} />
                  </>
                )}
              </>
            ) : (
              <>Nothing left to do ({one.state})</>
            )}
          </p>
        </li>
      ))}
    </ul>
  );
}
