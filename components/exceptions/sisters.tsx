import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Difference } from "@/components/ui/difference";
import type { ExceptionView } from "@/lib/exceptions/loaders";
import { CauseBadge, StateBadge } from "./state-badge";

/** What else was found of the same order, what somebody must act on first. */
export function Sisters({ sisters }: Readonly<{ sisters: ExceptionView["sisters"] }>) {
  if (sisters.length === 0) return null;
  const open = sisters.filter((one) => one.isOpen).length;
  return (
    <Card
      title="The order’s other exceptions"
      description={open === 0 ? "None of them needs anybody any more" : `${open} of ${sisters.length} open`}
      flush
    >
      <ul aria-label="Other exceptions of this order" className="flex flex-col">
        {sisters.map((one) => (
          <li
            key={one.id}
            className="flex flex-col gap-1 border-line border-b px-4 py-3 text-sm last:border-b-0"
          >
            <div className="flex flex-wrap items-center justify-between gap-2">
              <span className="flex flex-wrap items-center gap-2">
                <Link href={`/exceptions/${one.id}` as Route} className="underline-offset-2 hover:underline">
                  <CauseBadge cause={one.cause} title={one.title} state={one.state} />
                </Link>
                <StateBadge state={one.state} />
              </span>
              <Difference
                net={one.net}
                tax={one.tax}
                gross={one.gross}
                currency={one.currency}
                className="font-medium"
              />
            </div>
            <p className="max-w-prose text-soft">{one.explanation}</p>
            {one.assignee && <p className="text-soft text-xs">{one.assignee} has it.</p>}
          </li>
        ))}
      </ul>
    </Card>
  );
}
