"use client";

import { BackgroundButton } from "@/components/ui/background-button";
import { durationText } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { predictFix } from "@/lib/root-causes/actions";
import type { RootCauseView } from "@/lib/root-causes/loaders";
import { FixTable } from "./fix-table";

/** The button that has the effect of the fix computed, how far that is, and what came of it the last time. */
export function FixEffect({ view }: Readonly<{ view: RootCauseView }>) {
  const { root, prediction, mayPredict } = view;
  const isBusy = prediction?.state === "waiting" || prediction?.state === "running";
  return (
    <div className="flex w-full flex-col items-start gap-3">
      {mayPredict && (
        <BackgroundButton
          action={predictFix}
          input={{ entityId: root.entityId, rootCauseId: root.id }}
          label={
            prediction?.told
              ? "Compute it again"
              : root.fix.isOne
                ? "See what the fix would do"
                : "See what putting each right would do"
          }
          running={
            root.fix.isOne
              ? "Matching every order with the fix…"
              : "Matching every order with each put right…"
          }
          variant={prediction?.told ? "secondary" : "primary"}
          latest={
            prediction && {
              id: prediction.id,
              state: isBusy ? "running" : prediction.state,
              error: prediction.error,
            }
          }
        />
      )}
      {isBusy && (
        <p role="status" className="text-sm text-soft">
          {prediction.total > 0
            ? `${prediction.done.toLocaleString("en")} of ${prediction.total.toLocaleString("en")} parts of the orders are matched.`
            : "It waits for its turn, or plays what would be sent for each exception; then every order is matched."}
        </p>
      )}
      {prediction?.state === "failed" && (
        <Message tone="broken" title="It could not be computed">
          {prediction.error} Nothing was changed. Ask again.
        </Message>
      )}
      {prediction?.told && <Told view={view} />}
      {prediction?.state === "done" && !prediction.told && (
        <p className="max-w-prose text-sm text-soft">
          It was computed before it was told what becomes of each exception: compute it again.
        </p>
      )}
      {!prediction && (
        <p className="max-w-prose text-sm text-soft">
          Nobody has asked yet. What would be sent for each exception is played, every order is matched with
          it, and all of it is undone: it may take a minute, nothing is sent, and syncs wait meanwhile.
        </p>
      )}
    </div>
  );
}

function Told({ view: { prediction, root, now } }: Readonly<{ view: RootCauseView }>) {
  const told = prediction?.told;
  if (!prediction || !told) return null;
  const age = durationText(now.getTime() - (prediction.finishedAt ?? prediction.askedAt).getTime());
  return (
    <div className="flex w-full flex-col gap-2">
      <Message tone={told.matchesLost > 0 ? "attention" : "explained"} title={told.sentence}>
        {told.mode === "by-hand"
          ? "Nothing of it can be sent from here. It is computed as if people corrected the ERP’s documents to what is proved; what the ERP then makes of them may differ by its own rounding."
          : "What would be sent for each exception is played, as the other system will have it, and every order is matched with it. Should it answer otherwise (refuse one, or make other figures of a draft), nothing of that one is posted, and it is left to people."}{" "}
        {told.matchesLost > 0
          ? `Orders that agree now and would not any more: ${told.lost.join(", ")}.`
          : "No order that agrees now is touched."}
      </Message>
      <FixTable predicted={told} caption="What would become of its exceptions" />
      <p className="text-sm text-soft">
        Computed {age} ago over {told.groups.toLocaleString("en")} orders, asked for by {prediction.askedBy}.{" "}
        {prediction.isCurrent
          ? "No reconciliation has ended since."
          : `A reconciliation has ended since: ${root.openCount.toLocaleString("en")} exceptions are open now. Compute it again.`}
        {told.besides && ` ${told.besides}`}
      </p>
    </div>
  );
}
