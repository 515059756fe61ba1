import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import type { FindingsView } from "@/lib/root-causes/loaders";

const LINKS_MAX = 10;

/** What the affected have in common and the others don't, what the figures suggest to split or to join, and when it began. */
export function ContrastCards({
  findings,
  timeZone,
}: Readonly<{ findings: FindingsView; timeZone: string }>) {
  return (
    <>
      <Common findings={findings} timeZone={timeZone} />
      <Began began={findings.began} />
    </>
  );
}

function Common({
  findings: { common, isWaiting, counted },
  timeZone,
}: Readonly<{ findings: FindingsView; timeZone: string }>) {
  if (isWaiting) {
    return (
      <Card title="What they have in common">
        <p className="max-w-prose text-sm text-soft">
          It is not counted yet. All orders are looked through for it after a reconciliation, and every few
          minutes where something is left to count: look again in a moment.
        </p>
      </Card>
    );
  }
  if (!common) {
    return (
      <Card title="What they have in common">
        <p className="max-w-prose text-sm text-soft">
          There are no orders to hold them against: none is affected any more, or they stand beside the orders
          (a record, a feed, a document’s history).
        </p>
      </Card>
    );
  }
  const { contrast, several, onset, before, suggestions, others } = common;
  return (
    <Card
      title="What they have in common"
      description="Counted over all orders of the same kind, from the first affected day to the last"
    >
      <div className="flex max-w-prose flex-col gap-2">
        <p>{contrast}</p>
        {several && <p className="text-sm text-soft">{several}</p>}
        {onset && <p>{onset}</p>}
        {before && <p className="text-sm text-soft">{before}</p>}
        {suggestions.map((sentence) => (
          <p key={sentence} className="text-sm">
            {sentence}
          </p>
        ))}
        {counted && (
          <p className="text-sm text-soft">
            Counted <Instant at={counted.at} timeZone={timeZone} />
            {counted.of === counted.now
              ? "."
              : `, when ${counted.of.toLocaleString("en")} of its exceptions were open; ${counted.now.toLocaleString("en")} are now.`}
          </p>
        )}
        {others.length > 0 && (
          <p className="flex flex-wrap gap-x-3 text-sm">
            {others.slice(0, LINKS_MAX).map((id, index) => (
              <Link
                key={id}
                href={`/exceptions/causes/${id}` as Route}
                className="inline-flex min-h-[24px] items-center underline decoration-line-strong underline-offset-4"
              >
                Root cause {index + 1} of the others
              </Link>
            ))}
          </p>
        )}
      </div>
    </Card>
  );
}

function Began({ began: { day, isTold, list, sentence } }: Readonly<{ began: FindingsView["began"] }>) {
  return (
    <Card
      title="When it began"
      description={
        isTold ? (
          <>
            On <DayText day={day} />, as the figures tell it
          </>
        ) : (
          <>
            The first of them is of <DayText day={day} />; the figures tell no other day
          </>
        )
      }
    >
      <p className="max-w-prose text-sm text-soft">{sentence}</p>
      {list.length > 0 && (
        <ol className="mt-2 flex flex-col gap-1 text-sm">
          {list.map((one) => (
            <li key={`${one.day} ${one.text}`} className="flex flex-wrap gap-x-3">
              <DayText day={one.day} className="w-24 text-soft tabular-nums" />
              <span className="min-w-0 break-words">
                {one.text}
                {one.by && <span className="text-soft"> · {one.by}</span>}
              </span>
            </li>
          ))}
        </ol>
      )}
    </Card>
  );
}
