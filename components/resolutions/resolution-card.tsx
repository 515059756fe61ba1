import type { Route } from "next";
import Link from "next/link";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Message } from "@/components/ui/message";
import { lowerFirst } from "@/lib/domain/words";
import type { Offer, ResolutionView } from "@/lib/resolutions/loaders";
import { Attempt } from "./attempt";
import { UndoButton } from "./attempt-controls";
import { AsItStands } from "./before-after";
import { ExpectedOf } from "./expected-of";
import { PlannedWrites } from "./planned-writes";
import { StartButton } from "./start-button";

/**
 * How an exception is put right: what was tried last and failed, exactly what would be sent, and a button; then its steps,
 * the proof, and how it is taken back.
 */
export function ResolutionCard({
  view,
  exceptionId,
}: Readonly<{ view: ResolutionView; exceptionId: string }>) {
  const { current, past, offers, others, none, undo, standing, entityId, timeZone, itemNames } = view;
  const [first, ...more] = offers;
  const [last, ...earlier] = past;
  // Where nothing is sent, the first of the other ways is the one to go.
  const lead = none === null ? undefined : others[0];
  const ways = others.filter((one) => one !== lead);
  const isDone = current === null && first === undefined && last?.state === "proved";
  const isEmpty = !current && !last && !first && !none && !standing && others.length === 0;
  if (isEmpty) return null;
  return (
    <Card title={isDone ? "How it was put right" : "Put it right"} id="resolution">
      <div className="flex min-w-0 flex-col gap-5">
        {current && <Attempt attempt={current} entityId={entityId} timeZone={timeZone} names={itemNames} />}
        {last && (
          <Attempt
            attempt={last}
            entityId={entityId}
            timeZone={timeZone}
            isUndone={last.isUndone}
            names={itemNames}
          />
        )}
        {standing && <AsItStands figures={standing} />}
        {undo && <Undoing undo={undo} entityId={entityId} timeZone={timeZone} names={itemNames} />}
        {first && <Offered offer={first} view={view} exceptionId={exceptionId} />}
        {none && (
          <div className="flex flex-col items-start gap-3">
            <p className="max-w-prose">{none}</p>
            {lead && (
              <>
                <p className="max-w-prose text-sm text-soft">{lead.meaning}</p>
                <ButtonLink href={lead.href as Route}>{lead.title}</ButtonLink>
              </>
            )}
          </div>
        )}
        {more.map((offer) => (
          <details key={offer.code}>
            <summary className="cursor-pointer font-medium">Or: {lowerFirst(offer.title)}</summary>
            <div className="mt-3">
              <Offered offer={offer} view={view} exceptionId={exceptionId} />
            </div>
          </details>
        ))}
        {ways.length > 0 && <Others others={ways} />}
        {earlier.length > 0 && (
          <details>
            <summary className="cursor-pointer font-medium">
              {earlier.length === 1 ? "1 earlier try" : `${earlier.length} earlier tries`}
            </summary>
            <div className="mt-3 flex flex-col gap-5">
              {earlier.map((attempt) => (
                <Attempt
                  key={attempt.id}
                  attempt={attempt}
                  entityId={entityId}
                  timeZone={timeZone}
                  isUndone={attempt.isUndone}
                  names={itemNames}
                />
              ))}
            </div>
          </details>
        )}
      </div>
    </Card>
  );
}

function Others({ others }: Pick<ResolutionView, "others">) {
  return (
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
  );
}

/** How what was posted is taken back: exactly what would be sent, or why it can't be. */
function Undoing({
  undo,
  entityId,
  timeZone,
  names,
}: Readonly<{
  timeZone: string;
  undo: NonNullable<ResolutionView["undo"]>;
  entityId: string;
  names: ResolutionView["itemNames"];
}>) {
  if ("cannot" in undo) return <p className="max-w-prose text-sm text-soft">{undo.cannot}</p>;
  return (
    <details>
      <summary className="cursor-pointer font-medium">Take it back: what would be sent</summary>
      <div className="mt-3 flex min-w-0 flex-col items-start gap-3">
        <p className="max-w-prose">{undo.plan.sentence}</p>
        <p className="max-w-prose text-sm text-soft">{undo.plan.effect}</p>
        <PlannedWrites writes={undo.plan.writes} preview={undo.preview} timeZone={timeZone} names={names} />
        {undo.second && <p className="text-sm text-soft">{undo.second}</p>}
        <UndoButton input={{ entityId, id: undo.id, basis: undo.basis }} asks={undo.second !== null} />
      </div>
    </details>
  );
}

function Offered({
  offer,
  view: { entityId, mayMake, timeZone, itemNames },
  exceptionId,
}: Readonly<{ offer: Offer; view: ResolutionView; exceptionId: string }>) {
  const { code, title, meaning, can } = offer;
  if ("cannot" in can) {
    return (
      <Message tone="neutral" title={can.heading ?? `${title}: not from here`}>
        {can.cannot}
      </Message>
    );
  }
  const { plan, preview, basis, second, instructs } = can;
  const label = second
    ? `Ask to: ${lowerFirst(title)}`
    : instructs
      ? "Do it by hand, and watch for it"
      : title;
  return (
    <div className="flex min-w-0 flex-col items-start gap-3">
      <p className="max-w-prose">{plan.sentence}</p>
      <p className="max-w-prose text-sm text-soft">
        {meaning} {plan.undo}
      </p>
      <PlannedWrites writes={plan.writes} preview={preview} timeZone={timeZone} names={itemNames} />
      {plan.expects && <ExpectedOf expects={plan.expects} />}
      {second && <p className="text-sm text-soft">{second}</p>}
      {mayMake ? (
        <StartButton entityId={entityId} exceptionId={exceptionId} code={code} basis={basis} label={label} />
      ) : (
        <p className="text-sm text-soft">You may see this and not send it.</p>
      )}
    </div>
  );
}
