import { CircleCheck, CircleMinus, TriangleAlert } from "lucide-react";
import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { checks } from "@/lib/manual/registry";
import type { FlowView } from "@/lib/sync/loaders";

type Counts = FlowView["checks"];

/** What operations checks each day, as the manual lists it; each ticks itself when the facts are so. */
export function DailyChecksCard({ counts, entityId }: Readonly<{ counts: Counts; entityId: string }>) {
  const said = counts.filter((one) => !one.isIdle);
  const done = said.filter((one) => one.count === 0).length;
  return (
    <Card title="Today’s checks" description={`${done} of ${said.length} are done; each ticks itself`}>
      <ul aria-label="Today’s checks" className="flex flex-col gap-1.5 text-sm">
        {checks.map((check) => {
          const counted = counts.find((one) => one.key === check.ticks?.by);
          return (
            check.ticks &&
            counted && (
              <li key={check.ticks.by} className="flex items-start gap-2">
                {counted.isIdle ? (
                  <Idle what={check.what} />
                ) : counted.count === 0 ? (
                  <>
                    <CircleCheck aria-hidden size={16} className="mt-0.5 shrink-0" />
                    <span className="text-soft">
                      <span className="sr-only">Done: </span>
                      {check.what}
                    </span>
                  </>
                ) : (
                  <>
                    <TriangleAlert aria-hidden size={16} className="mt-0.5 shrink-0" />
                    <span>
                      <span className="sr-only">Open: </span>
                      <Link
                        href={addressOf(check.href, entityId) as Route}
                        className="underline underline-offset-2"
                      >
                        {check.ticks.left(counted.count)}
                      </Link>
                    </span>
                  </>
                )}
              </li>
            )
          );
        })}
      </ul>
    </Card>
  );
}

/** A check that nothing came for: it is neither done nor open. */
function Idle({ what }: Readonly<{ what: string }>) {
  return (
    <>
      <CircleMinus aria-hidden size={16} className="mt-0.5 shrink-0" />
      <span className="text-soft">{what} None came, so there is nothing to say.</span>
    </>
  );
}

const addressOf = (href: string, entityId: string): string =>
  `${href}${href.includes("?") ? "&" : "?"}entity=${encodeURIComponent(entityId)}`;
