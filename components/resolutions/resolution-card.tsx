import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Message } from "@/components/ui/message";
import type { Offer, ResolutionView } from "@/lib/resolutions/loaders";
import { Attempt } from "./attempt";
import { PlannedWrites } from "./planned-writes";
import { StartButton } from "./start-button";

/** How an exception is put right: exactly what would be sent, and a button; then its steps, and the proof. */
export function ResolutionCard({
  view,
  exceptionId,
}: Readonly<{ view: ResolutionView; exceptionId: string }>) {
  const { current, past, offers, others, entityId, timeZone } = view;
  if (current === null && past.length === 0 && offers.length === 0 && others.length === 0) return null;
  const [first, ...more] = offers;
  return (
    <Card title="Put it right" id="resolution">
      <div className="flex min-w-0 flex-col gap-5">
        {current && <Attempt attempt={current} entityId={entityId} timeZone={timeZone} />}
        {first && <Offered offer={first} view={view} exceptionId={exceptionId} />}
        {more.map((offer) => (
          <details key={offer.code}>
            <summary className="cursor-pointer font-medium">Or: {offer.title.toLowerCase()}</summary>
            <div className="mt-3">
              <Offered offer={offer} view={view} exceptionId={exceptionId} />
            </div>
          </details>
        ))}
        {past.map((attempt) => (
          <Attempt key={attempt.id} attempt={attempt} entityId={entityId} timeZone={timeZone} />
        ))}
        {others.length > 0 && (
          <div className="text-sm">
            <p className="text-soft">Other ways</p>
            <ul className="mt-1 flex flex-col gap-1">
              {others.map(({ code, title, meaning, href }) => (
                <li key={code} className="max-w-prose">
                  <Link
                    href={href as Route}
                    className="font-medium underline decoration-line-strong underline-offset-4"
                  >
                    {title}
                  </Link>
                  <span className="text-soft">: {meaning}</span>
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </Card>
  );
}

function Offered({
  offer,
  view: { entityId, mayMake },
  exceptionId,
}: Readonly<{ offer: Offer; view: ResolutionView; exceptionId: string }>) {
  const { code, title, meaning, can } = offer;
  if ("cannot" in can) {
    return (
      <Message tone="neutral" title={`${title}: not from here`}>
        {can.cannot}
      </Message>
    );
  }
  const { plan, preview, basis, second, instructs } = can;
  const label = second
    ? `Ask to: ${title.toLowerCase()}`
    : instructs
      ? "Do it by hand, and watch for it"
      : title;
  return (
    <div className="flex min-w-0 flex-col items-start gap-3">
      <p className="max-w-prose">{plan.sentence}</p>
      <p className="max-w-prose text-sm text-soft">
        {meaning} {plan.undo}
      </p>
      <PlannedWrites writes={plan.writes} preview={preview} />
      {second && <p className="text-sm text-soft">{second}</p>}
      {mayMake ? (
        <StartButton entityId={entityId} exceptionId={exceptionId} code={code} basis={basis} label={label} />
      ) : (
        <p className="text-sm text-soft">You may see this and not send it.</p>
      )}
    </div>
  );
}
