import type { Route } from "next";
import Link from "next/link";
import { Message } from "@/components/ui/message";
import type { Tone } from "@/components/ui/tone";
import type { Readiness } from "@/lib/close/readiness";

const tones: Readonly<Record<Readiness["state"], Tone>> = {
  "ties-out": "agrees",
  "work-left": "attention",
  blocked: "broken",
  nothing: "neutral",
};

/** How ready the period is, in one sentence, and what is in the way. */
export function ReadinessCard({
  readiness,
  hrefOf,
}: Readonly<{ readiness: Readiness; hrefOf: (cause: string) => string }>) {
  return (
    <Message tone={tones[readiness.state]} title={readiness.sentence}>
      {readiness.blocks.length > 0 && (
        <ul className="list-inside list-disc">
          {readiness.blocks.map((block) => (
            <li key={block.text}>
              {block.cause === null ? (
                block.text
              ) : (
                <Link href={hrefOf(block.cause) as Route} className="underline underline-offset-4">
                  {block.text}
                </Link>
              )}
            </li>
          ))}
        </ul>
      )}
    </Message>
  );
}
