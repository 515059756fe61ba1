import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import type { Tone } from "@/components/ui/tone";
import type { ResyncedOrder } from "@/lib/orders/data";
import type { ResyncState } from "@/lib/orders/schema";

const looks: Readonly<Record<ResyncState, readonly [Tone, string]>> = {
  waiting: ["neutral", "Waiting"],
  unchanged: ["agrees", "Unchanged"],
  changed: ["explained", "Changed"],
  solved: ["agrees", "Solved"],
  failed: ["broken", "Failed"],
};

/** What a state of an order in a run is called. */
export const resyncWord = (state: ResyncState): string => looks[state][1];

/** What came of each order of a run: its state, what changed, or why it failed; each leads to the order. */
export function ResyncResults({ orders }: Readonly<{ orders: readonly ResyncedOrder[] }>) {
  return (
    <ul aria-label="What came of each order" className="flex flex-col">
      {orders.map((one) => (
        <li
          key={one.orderKey}
          className="flex flex-col gap-1 border-line border-b px-4 py-2 text-sm last:border-b-0"
        >
          <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-1">
            <Link
              href={`/orders/${one.movedTo ?? one.orderKey}` as Route}
              className="font-medium underline decoration-line-strong underline-offset-4"
            >
              {one.name ?? "no name"}
            </Link>
            <Badge tone={looks[one.state][0]}>{looks[one.state][1]}</Badge>
          </div>
          {one.reason && <p className="break-words">{one.reason}</p>}
          {one.changes.length > 0 && (
            <ul className="list-inside list-disc text-soft">
              {one.changes.map((change) => (
                <li key={change}>{change}</li>
              ))}
            </ul>
          )}
          {one.movedTo && <p className="text-soft">Its documents are with their order now.</p>}
        </li>
      ))}
    </ul>
  );
}
