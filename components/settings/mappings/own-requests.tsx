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
  const decided = own.filter((one) => one.decidedAt !== null);
  const waiting = own.filter((one) => one.decidedAt === null);
  return (
    <Card title="Your requests">
      <div className="flex flex-col gap-2 text-sm">
        {waiting.length > 0 && <List requests={waiting} entity={entity} />}
        {decided.length > 0 && (
          <details>
            <summary className="min-h-[24px] cursor-pointer">
              {decided.length === 1 ? "1 was decided" : `${decided.length} were decided`} in the last two
              weeks
            </summary>
            <div className="mt-2">
              <List requests={decided} entity={entity} />
            </div>
          </details>
        )}
      </div>
    </Card>
  );
}

function List({
  requests,
  entity,
}: Readonly<{ requests: MappingsView["own"]; entity: MappingsView["entity"] }>) {
  return (
    <ul className="flex flex-col gap-2">
      {requests.map((one) => (
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
  );
}
