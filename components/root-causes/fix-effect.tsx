"use client";

import { Amount } from "@/components/ui/amount";
import { BackgroundButton } from "@/components/ui/background-button";
import { durationText } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import { predictFix } from "@/lib/root-causes/actions";
import type { RootCauseView } from "@/lib/root-causes/loaders";

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
          label={prediction?.told ? "Compute it again" : "See what the fix would do"}
          running="Matching every order with the fix…"
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
      {isBusy && prediction.total > 0 && (
        <p role="status" className="text-sm text-soft">
          {prediction.done} of {prediction.total} parts of the orders are matched.
        </p>
      )}
      {prediction?.state === "failed" && (
        <Message tone="broken" title="It could not be computed">
          {prediction.error} Nothing was changed. Ask again.
        </Message>
      )}
      {prediction?.told && <Told view={view} />}
      {!prediction && (
        <p className="max-w-prose text-sm text-soft">
          Nobody has asked yet. Every order is matched with the ERP’s lines as they would stand, and all of it
          is undone: it takes some seconds, and syncs wait meanwhile.
        </p>
      )}
    </div>
  );
}

function Told({ view: { prediction, root, now } }: Readonly<{ view: RootCauseView }>) {
  const told = prediction?.told;
  if (!prediction || !told) return null;
  const rows = [
    ...told.cleared.map((row) => ({ ...row, what: "clears" })),
    ...told.made.map((row) => ({ ...row, what: "makes" })),
  ];
  const age = durationText(now.getTime() - (prediction.finishedAt ?? prediction.askedAt).getTime());
  return (
    <div className="flex w-full flex-col gap-2">
      <Message tone={told.matchesLost > 0 ? "attention" : "explained"} title={told.sentence}>
        {told.matchesLost > 0
          ? `Orders that agree now and would not any more: ${told.lost.join(", ")}.`
          : "No order that agrees now is touched."}{" "}
        {prediction.openCount.toLocaleString("en")} exceptions of this root cause were open;{" "}
        {prediction.lines.toLocaleString("en")} ERP lines would stand otherwise, or be posted.
      </Message>
      {rows.length > 0 && (
        <Table caption="What the fix would clear and make, by cause">
          <thead>
            <tr>
              <Th>The fix</Th>
              <Th>Cause</Th>
              <Th align="end">Exceptions</Th>
              <Th align="end">About</Th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.what} ${row.cause} ${row.currency}`}>
                <Td>{row.what}</Td>
                <Td>{row.title}</Td>
                <Td align="end">{row.count.toLocaleString("en")}</Td>
                <Td align="end">
                  <Amount minor={row.extent} currency={row.currency} withCurrency />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
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
