import type { Route } from "next";
import Link from "next/link";
import { Message } from "@/components/ui/message";
import type { Tone } from "@/components/ui/tone";
import type { Blocker } from "@/lib/close/blockers";
import type { Readiness } from "@/lib/close/readiness";

const tones: Readonly<Record<Readiness["state"], Tone>> = {
  "ties-out": "agrees",
  "work-left": "attention",
  blocked: "broken",
  nothing: "neutral",
};

/** How ready the period is, in one sentence; what is in the way and what comes next, in order, each with who has it. */
export function ReadinessCard({
  readiness,
  blockers,
}: Readonly<{ readiness: Readiness; blockers: readonly Blocker[] }>) {
  const blocking = blockers.filter((one) => one.blocks);
  const after = blockers.filter((one) => !one.blocks);
  return (
    <section id="readiness" aria-label="Readiness" className="flex below-head flex-col gap-2">
      <Message tone={tones[readiness.state]} title={readiness.sentence}>
        {blocking.length > 0 && <Steps label="What blocks the close, in order" steps={blocking} from={1} />}
      </Message>
      {after.length > 0 && (
        <div className="rounded-md border border-line bg-surface px-3 py-2 text-sm">
          <p className="font-medium">
            {blocking.length > 0
              ? "Then, in order, until it is closed"
              : "What is left until it is closed, in order"}
          </p>
          <Steps label="What comes next, in order" steps={after} from={blocking.length + 1} />
        </div>
      )}
    </section>
  );
}

function Steps({ label, steps, from }: Readonly<{ label: string; steps: readonly Blocker[]; from: number }>) {
  return (
    <ol aria-label={label} start={from} className="list-inside list-decimal">
      {steps.map((one) => (
        <li key={one.text}>
          <Link href={one.href as Route} className="underline decoration-line-strong underline-offset-4">
            {one.text}
          </Link>{" "}
          <span className="text-soft">· {one.owner}</span>
        </li>
      ))}
    </ol>
  );
}
