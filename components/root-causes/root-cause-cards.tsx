import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText, Instant } from "@/components/ui/instant";
import type { RootCauseCard } from "@/lib/root-causes/loaders";

/** Root causes as cards, those first whose fix is worth most. */
export function RootCauseCards({
  cards,
  timeZone,
}: Readonly<{ cards: readonly RootCauseCard[]; timeZone: string }>) {
  return (
    <ol aria-label="Root causes, by what their fix is worth" className="flex flex-col gap-3">
      {cards.map((card) => (
        <li key={card.id}>
          <OneCard card={card} timeZone={timeZone} />
        </li>
      ))}
    </ol>
  );
}

function OneCard({ card, timeZone }: Readonly<{ card: RootCauseCard; timeZone: string }>) {
  return (
    <Card>
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-2">
        <div className="min-w-0">
          <h2 className="font-semibold text-base">
            <Link
              href={`/exceptions/causes/${card.id}` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {card.title}
            </Link>
          </h2>
          {card.attributes && <p className="break-words text-sm text-soft">{card.attributes}</p>}
        </div>
        <Amounts card={card} />
      </div>
      <p className="mt-2 max-w-prose text-sm">
        {card.fix.isOne && <span className="font-semibold">The fix: </span>}
        {card.fix.sentence}
      </p>
      <Predicted card={card} timeZone={timeZone} />
      <p className="mt-2 flex flex-wrap items-center gap-x-4 gap-y-1 text-sm text-soft">
        <span>
          {card.since.part !== null && `${card.since.part.toLocaleString("en")} of them `}since{" "}
          <DayText day={card.since.day} />, last on <DayText day={card.lastDay} />
        </span>
        <Link
          href={exceptionsOf(card)}
          className="text-ink underline decoration-line-strong underline-offset-4"
        >
          {card.openCount === 1 ? "Its exception" : `Its ${card.openCount.toLocaleString("en")} exceptions`}
          <span className="sr-only">
            {" "}
            of {card.title}, {card.attributes}
          </span>
        </Link>
      </p>
    </Card>
  );
}

/** What the fix would do, as it was computed last: by the clock for the first cards, and for any when somebody asks. */
function Predicted({ card, timeZone }: Readonly<{ card: RootCauseCard; timeZone: string }>) {
  const { predicted, fix } = card;
  if (predicted === null) {
    return fix.computable ? <p className="mt-1 text-sm text-soft">Effect not computed yet</p> : null;
  }
  return (
    <p className="mt-1 max-w-prose text-sm">
      <span className="font-semibold">
        {fix.isOne ? "What it would do: " : "What putting each right would do: "}
      </span>
      {predicted.sentence}{" "}
      <span className="text-soft">
        {predicted.byHand && "As if people corrected it by hand. "}
        As of <Instant at={predicted.at} timeZone={timeZone} />
        {predicted.isCurrent
          ? "."
          : `, of the ${predicted.openCount.toLocaleString("en")} that were open then; a reconciliation has ended since.`}
      </span>
    </p>
  );
}

/** How many and how much, in each currency: amounts are never converted. */
export function Amounts({ card }: Readonly<{ card: Pick<RootCauseCard, "amounts"> }>) {
  return (
    <ul aria-label="How many and how much" className="flex flex-col items-end gap-1 text-right">
      {card.amounts.map((one) => (
        <li key={one.currency} className="flex flex-wrap items-center justify-end gap-x-3 gap-y-1">
          <span className="font-semibold tabular-nums">
            {one.count === 1 ? "1 exception" : `${one.count.toLocaleString("en")} exceptions`}
          </span>
          {one.extent === 0n ? (
            <span className="text-soft">no amount</span>
          ) : (
            <Amount minor={one.extent} currency={one.currency} withCurrency className="font-semibold" />
          )}
          <Badge tone={one.rank <= 3 ? "attention" : "neutral"}>{`No. ${one.rank} in ${one.currency}`}</Badge>
        </li>
      ))}
    </ul>
  );
}

/** The list of exceptions, filtered to those of a root cause. */
export const exceptionsOf = ({ entityId, id }: Pick<RootCauseCard, "entityId" | "id">): Route =>
  `/exceptions?entity=${encodeURIComponent(entityId)}&rootCause=${id}&state=open` as Route;
