import Link from "next/link";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import type { MappingsView } from "@/lib/mappings/loaders";
import { requestPath } from "../change/words";
import { requestStates, requestWords } from "./request-states";

/** What the reader asked for: what waits, and what somebody decided in the last two weeks, with why. */
export function OwnRequests({ view }: Readonly<{ view: MappingsView }>) {
  const { own, entity } = view;
  if (own.length === 0) return null;
  return (
    <Card title="Your requests" description="Those that wait, and those decided in the last two weeks">
      <ul className="flex flex-col gap-2 text-sm">
        {own.map((one) => (
          <li key={one.id} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Badge tone={requestStates[one.state].tone}>{requestStates[one.state].word}</Badge>
            <Link
              href={requestPath(entity.id, one.id)}
              className="inline-flex min-h-[24px] items-center text-accent underline"
            >
              {requestWords(one.words, one.rows)}
            </Link>
            {one.decidedAt && (
              <span className="text-soft">
                by {one.decidedBy}, <Instant at={one.decidedAt} timeZone={entity.timeZone} />
                {one.decidedWhy && `: ${one.decidedWhy}`}
              </span>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
