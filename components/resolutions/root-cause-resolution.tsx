import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { ForeseenView, RootCauseResolution } from "@/lib/resolutions/loaders";
import { ExpectedOf } from "./expected-of";
import { PlannedWrites } from "./planned-writes";
import { ResolveAll } from "./resolve-all";

const words: Readonly<Record<string, string>> = {
  asked: "waits for approval",
  running: "being sent",
  stopped: "stopped",
  done: "done",
  rejected: "rejected",
};

/** The one resolution of a root cause for all its exceptions: what is sent for each, shown by one of them. */
export function RootCauseResolutionCard({
  view: { offer, batches },
  foreseen,
  timeZone,
}: Readonly<{
  view: RootCauseResolution;
  /** how many can be sent, and the button: it takes its time */
  foreseen: ReactNode;
  timeZone: string;
}>) {
  if (offer === null && batches.length === 0) return null;
  return (
    <Card title="Put all of them right">
      <div className="flex min-w-0 flex-col items-start gap-3">
        {offer && (
          <>
            <p className="max-w-prose">{offer.meaning}</p>
            {foreseen}
            <p className="max-w-prose text-sm text-soft">
              Each is planned by itself, read again before anything is sent, and closed only when it was read
              back. It can be stopped.
            </p>
            {offer.sample && (
              <details className="w-full">
                <summary className="cursor-pointer text-sm text-soft">
                  What is sent for one of them: {offer.sample.plan.sentence}
                </summary>
                <div className="mt-3">
                  <PlannedWrites
                    writes={offer.sample.plan.writes}
                    preview={offer.sample.preview}
                    timeZone={timeZone}
                  />
                </div>
              </details>
            )}
          </>
        )}
        {batches.length > 0 && (
          <ul className="flex flex-col gap-1 text-sm">
            {batches.map((batch) => (
              <li key={batch.id}>
                <Link
                  href={`/exceptions/resolutions/${batch.id}` as Route}
                  className="inline-flex min-h-[24px] items-center underline decoration-line-strong underline-offset-4"
                >
                  {batch.count.toLocaleString("en")} begun by {batch.madeBy}
                </Link>
                , <Instant at={batch.madeAt} timeZone={timeZone} />: {words[batch.state] ?? batch.state}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}

/** How many would be sent, done by hand and left out, and why; then the button. */
export function Foreseen({
  offer,
  foreseen,
}: Readonly<{ offer: NonNullable<RootCauseResolution["offer"]>; foreseen: ForeseenView }>) {
  if ("cannot" in foreseen) return <Message tone="attention">{foreseen.cannot}</Message>;
  const count = foreseen.sent + foreseen.byHand;
  const number = (one: number): string => one.toLocaleString("en");
  if (foreseen.tooMany)
    return (
      <Message tone="attention" title={`More than ${number(foreseen.most)} at once are not begun`}>
        Choose a part of them in the queue: by shop, by month, by amount.
      </Message>
    );
  return (
    <div className="flex w-full flex-col items-start gap-3">
      <Counted foreseen={foreseen} />
      {foreseen.expecting > 0 && (
        <details className="w-full">
          <summary className="cursor-pointer text-sm">
            What they are expected to change, and to close: {number(foreseen.closing)}{" "}
            {foreseen.closing === 1 ? "exception" : "exceptions"}
          </summary>
          <ul className="mt-3 flex flex-col gap-4">
            {foreseen.expected.map((one) => (
              <li key={one.sentence}>
                <p className="mb-1 max-w-prose text-sm">{one.sentence}</p>
                <ExpectedOf expects={one} />
              </li>
            ))}
          </ul>
          {foreseen.expecting > foreseen.expected.length && (
            <p className="mt-2 text-sm text-soft">
              And {number(foreseen.expecting - foreseen.expected.length)} more of the same kind.
            </p>
          )}
        </details>
      )}
      {count > 0 && offer.mayMake && (
        <ResolveAll
          label={`${foreseen.second ? "Ask to put" : "Put"} ${count === foreseen.asked ? "all " : ""}${number(count)} right`}
          input={{
            entityId: offer.entityId,
            code: offer.code,
            selection: { by: "root-cause", id: offer.rootCauseId },
          }}
        />
      )}
      {foreseen.second && count > 0 && <p className="max-w-prose text-sm text-soft">{foreseen.second}</p>}
    </div>
  );
}

/** Reasons that are listed; the rest are counted together. */
const MOST_REASONS = 8;

function Counted({ foreseen }: Readonly<{ foreseen: Exclude<ForeseenView, { cannot: string }> }>) {
  const rows = [
    {
      count: foreseen.sent,
      words:
        foreseen.sent === 1
          ? "is sent from here, and read back."
          : "are sent from here, one after the other, and read back.",
    },
    ...foreseen.byHandWhy.map(({ count, reason }) => ({
      count,
      words: `${count === 1 ? "is" : "are"} shown with all that is to be entered, and done by hand: ${reason}`,
    })),
    ...foreseen.leftOut.map(({ count, reason }) => ({
      count,
      words: `${count === 1 ? "is" : "are"} left out: ${reason}`,
    })),
  ].filter(({ count }) => count > 0);
  const further = rows.slice(MOST_REASONS).reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <ul aria-label="What happens to each of them" className="flex flex-col gap-1 text-sm">
        {rows.slice(0, MOST_REASONS).map(({ count, words }) => (
          <li key={words} className="max-w-prose">
            <span className="figures font-semibold">{count.toLocaleString("en")}</span> {words}
          </li>
        ))}
        {further > 0 && (
          <li className="max-w-prose">
            <span className="figures font-semibold">{further.toLocaleString("en")}</span>{" "}
            {further === 1
              ? "is done by hand or left out for a reason of its own, which stands with it."
              : "are done by hand or left out for reasons of their own, which stand with each."}
          </li>
        )}
      </ul>
      {foreseen.worths.length > 0 && (
        <p className="text-sm text-soft">
          Measured by the largest document of each, together{" "}
          {foreseen.worths.map(({ currency, minor }) => (
            <Amount key={currency} minor={minor} currency={currency} withCurrency className="mr-2" />
          ))}
        </p>
      )}
    </>
  );
}
