import type { Route } from "next";
import Link from "next/link";
import { Badge } from "@/components/ui/badge";
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
  return (
    <section id="readiness" aria-label="Readiness" className="flex flex-col gap-2">
      <Message tone={tones[readiness.state]} title={readiness.sentence}>
        {blockers.length > 0 && (
          <>
            <p className="text-soft">What is left until it is closed, in order:</p>
            <ol aria-label="What is left until it is closed" className="list-inside list-decimal">
              {blockers.map((one) => (
                <li key={one.text}>
                  <Link href={one.href as Route} className="underline underline-offset-4">
                    {one.text}
                  </Link>{" "}
                  <span className="text-soft">· {one.owner}</span>{" "}
                  {one.blocks && <Badge tone="broken">Blocks</Badge>}
                </li>
              ))}
            </ol>
          </>
        )}
      </Message>
    </section>
  );
}
