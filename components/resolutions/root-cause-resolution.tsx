import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import type { RootCauseResolution } from "@/lib/resolutions/loaders";
import { PlannedWrites } from "./planned-writes";
import { ResolveAll } from "./resolve-all";

const words: Readonly<Record<string, string>> = {
  asked: "waits for approval",
  running: "being sent",
  stopped: "stopped",
  done: "done",
  rejected: "rejected",
};

/** The one resolution of a root cause for all its exceptions: what is sent for each, shown by one of them. */
export function RootCauseResolutionCard({
  view: { offer, batches },
  timeZone,
}: Readonly<{ view: RootCauseResolution; timeZone: string }>) {
  if (offer === null && batches.length === 0) return null;
  return (
    <Card title="Put all of them right">
      <div className="flex min-w-0 flex-col items-start gap-3">
        {offer && (
          <>
            <p className="max-w-prose">{offer.meaning}</p>
            {offer.mayMake && (
              <ResolveAll
                label={`${offer.second ? "Ask to put" : "Put"} all ${offer.count.toLocaleString("en")} right`}
                input={{
                  entityId: offer.entityId,
                  code: offer.code,
                  selection: { by: "root-cause", id: offer.rootCauseId },
                }}
              />
            )}
            <p className="max-w-prose text-sm text-soft">
              Each is planned by itself, read again before anything is sent, and closed only when it was read
              back. It can be stopped. {offer.second}
            </p>
            {offer.sample && (
              <details className="w-full">
                <summary className="cursor-pointer text-sm text-soft">
                  What is sent for one of them: {offer.sample.plan.sentence}
                </summary>
                <div className="mt-3">
                  <PlannedWrites writes={offer.sample.plan.writes} preview={offer.sample.preview} />
                </div>
              </details>
            )}
          </>
        )}
        {batches.length > 0 && (
          <ul className="flex flex-col gap-1 text-sm">
            {batches.map((batch) => (
              <li key={batch.id}>
                <Link
                  href={`/exceptions/resolutions/${batch.id}` as Route}
                  className="underline decoration-line-strong underline-offset-4"
                >
                  {batch.count.toLocaleString("en")} begun by {batch.madeBy}
                </Link>
                , <Instant at={batch.madeAt} timeZone={timeZone} />: {words[batch.state] ?? batch.state}
              </li>
            ))}
          </ul>
        )}
      </div>
    </Card>
  );
}
