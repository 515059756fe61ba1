import { Card } from "@/components/ui/card";
import { DayText } from "@/components/ui/instant";
import type { OrderView } from "@/lib/orders/loaders";
import { CopyText } from "./copy-text";

/** Where goods and money stand, what is wrong and what comes next, in sentences: what customer service reads out. */
export function TruthCard({
  truth,
  story,
}: Readonly<{ truth: OrderView["truth"]; story: OrderView["story"] }>) {
  return (
    <Card title="Where it stands">
      <dl className="grid gap-x-4 gap-y-2 text-lg sm:grid-cols-[6.5rem_1fr]">
        <dt className="text-soft text-sm leading-7">Goods</dt>
        <dd>{truth.goods}</dd>
        {story && (
          <>
            <dt className="text-soft text-sm leading-7">Money</dt>
            <dd className="tabular-nums">{story.money}</dd>
          </>
        )}
        <dt className="text-soft text-sm leading-7">In the books</dt>
        <dd className="text-base tabular-nums leading-7">{truth.money}</dd>
        {story && <Ahead story={story} />}
      </dl>
      {story && <SafeToTell text={story.tell} />}
    </Card>
  );
}

type Told = NonNullable<OrderView["unreadStory"]>;

/** An order of which nothing could be read: that it is looked at, by whom, and what the customer may be told meanwhile. */
export function UnreadCard({
  story,
  money,
}: Readonly<{
  story: Told;
  /** what the books hold of it all the same; null: nothing */
  money: string | null;
}>) {
  return (
    <Card title="Where it stands">
      <dl className="grid gap-x-4 gap-y-2 text-lg sm:grid-cols-[6.5rem_1fr]">
        <dt className="text-soft text-sm leading-7">Goods, money</dt>
        <dd>Neither is known here until the order can be read; SCAYLE shows it.</dd>
        {money !== null && (
          <>
            <dt className="text-soft text-sm leading-7">In the books</dt>
            <dd className="text-base tabular-nums leading-7">{money}</dd>
          </>
        )}
        <Ahead story={story} />
      </dl>
      <SafeToTell text={story.tell} />
    </Card>
  );
}

function Ahead({ story }: Readonly<{ story: Told }>) {
  return (
    <>
      {story.troubles.length > 0 && (
        <>
          <dt className="text-soft text-sm leading-7">What is wrong</dt>
          <dd>
            <ul className="flex flex-col gap-1">
              {story.troubles.map((sentence) => (
                <li key={sentence}>{sentence}</li>
              ))}
            </ul>
          </dd>
        </>
      )}
      {story.next && (
        <>
          <dt className="text-soft text-sm leading-7">Next step</dt>
          <dd className="text-base leading-7">
            {story.next.what} <span className="text-soft">By {story.next.who}</span>
            {story.next.due && (
              <span className="text-soft">
                , due <DayText day={story.next.due} />
              </span>
            )}
          </dd>
        </>
      )}
    </>
  );
}

function SafeToTell({ text }: Readonly<{ text: string }>) {
  return (
    <section aria-label="Safe to tell the customer" className="mt-4 rounded-md bg-sunken p-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h3 className="font-semibold text-sm">Safe to tell the customer</h3>
        <CopyText text={text} />
      </div>
      <p className="mt-1 max-w-prose">{text}</p>
    </section>
  );
}
