import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Timeline } from "@/components/ui/timeline";
import type { Tone } from "@/components/ui/tone";
import type { AttemptView } from "@/lib/resolutions/loaders";
import { isAtWork } from "@/lib/resolutions/machine";
import { AttemptControls, DecideSending } from "./attempt-controls";
import { BeforeAfter } from "./before-after";
import { PlannedWrites } from "./planned-writes";
import { Watch } from "./watch";
import { stateTone, stateWord } from "./words";

const titles: Readonly<Record<string, readonly [string, Tone]>> = {
  planned: ["Planned", "neutral"],
  approved: ["Approved", "explained"],
  held: ["Read again before sending", "neutral"],
  looked: ["Looked", "neutral"],
  sent: ["Sent", "explained"],
  answered: ["Answered", "neutral"],
  lost: ["No answer came", "attention"],
  rejected: ["Refused", "broken"],
  discarded: ["Draft taken back", "attention"],
  done: ["There", "agrees"],
  waited: ["Waited", "neutral"],
  ended: ["Ended", "neutral"],
};

/** What a step is called. What is there and not whole is no success. */
function wordsOf({ kind, data }: AttemptView["steps"][number]): readonly [string, Tone] {
  const isPartial = kind === "done" && typeof data === "object" && data !== null && "missing" in data;
  return isPartial ? ["There in part", "attention"] : (titles[kind] ?? [kind, "neutral"]);
}

/** One resolution that was begun: what is sent, who decides, how far it is, and what came of it. */
export function Attempt({
  attempt,
  entityId,
  timeZone,
  isUndone = false,
  names = {},
}: Readonly<{
  attempt: AttemptView;
  entityId: string;
  timeZone: string;
  isUndone?: boolean;
  /** what the order's items are called */
  names?: Readonly<Record<string, string>>;
}>) {
  const { state, plan, preview, may, outcome, before, after, steps } = attempt;
  const isEnded = attempt.endedAt !== null;
  return (
    <div className="flex min-w-0 flex-col gap-3">
      <Watch active={!isEnded} waitsOn={isAtWork(state) ? "work" : "people"} />
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h3 className="font-semibold">{attempt.title}</h3>
        <span role="status">
          <Badge tone={stateTone(state)}>{stateWord(state)}</Badge>
        </span>
        {isUndone && <Badge tone="attention">Taken back since</Badge>}
        <span className="text-sm text-soft">
          {attempt.madeBy}
          {attempt.editedBy && `, planned anew by ${attempt.editedBy}`}
          {attempt.decidedBy && `, decided by ${attempt.decidedBy}`},{" "}
          <Instant at={attempt.madeAt} timeZone={timeZone} />
        </span>
      </div>
      <p className="max-w-prose">{plan.sentence}</p>
      {outcome && (
        <Message tone={stateTone(state)} title={stateWord(state)} live={!isEnded}>
          {outcome}
        </Message>
      )}
      {before && after && <BeforeAfter before={before} after={after} />}
      {attempt.batchId && (
        <p className="text-sm">
          It is one of many:{" "}
          <Link
            href={`/exceptions/resolutions/${attempt.batchId}` as Route}
            className="underline decoration-line-strong underline-offset-4"
          >
            see all of them
          </Link>
          .
        </p>
      )}
      {state === "asked" && (
        <p className="text-sm text-soft">
          {attempt.second} {attempt.isMine && "You asked for it: somebody else decides."}
        </p>
      )}
      {state === "waiting" && attempt.nextAt && (
        <p className="text-sm text-soft">
          {steps.at(-1)?.text} Looked at again at <Instant at={attempt.nextAt} timeZone={timeZone} />.
        </p>
      )}
      {!isEnded && <PlannedWrites writes={plan.writes} preview={preview} timeZone={timeZone} names={names} />}
      {may.decide && <DecideSending entityId={entityId} id={attempt.id} />}
      <AttemptControls entityId={entityId} id={attempt.id} may={may} />
      {isEnded ? (
        <details className="text-sm">
          <summary className="cursor-pointer text-soft">
            {preview.some(({ lacks }) => lacks !== null)
              ? "What was to be entered"
              : steps.some(({ kind }) => kind === "sent")
                ? "What was sent"
                : "What would have been sent"}
            , and the {steps.length} steps
          </summary>
          <div className="mt-3 flex flex-col gap-4">
            <PlannedWrites writes={plan.writes} preview={preview} timeZone={timeZone} names={names} />
            <Steps attempt={attempt} timeZone={timeZone} />
          </div>
        </details>
      ) : (
        <Steps attempt={attempt} timeZone={timeZone} />
      )}
    </div>
  );
}

function Steps({ attempt: { steps }, timeZone }: Readonly<{ attempt: AttemptView; timeZone: string }>) {
  return (
    <Timeline
      label="Steps of this resolution"
      timeZone={timeZone}
      items={steps.map((step) => {
        const [title, tone] = wordsOf(step);
        return { id: step.id, at: step.at, title, tone, body: step.text };
      })}
    />
  );
}
