import type { ReactNode } from "react";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import type { StockView } from "@/lib/stock/loaders";

const count = (number: number): string => number.toLocaleString("en");

/** How an entity's stock stands in figures, and as of when each side speaks. */
export function StockSummaryFacts({
  view: { summary, policy, timeZone },
}: Readonly<{ view: Pick<StockView, "summary" | "policy" | "timeZone"> }>) {
  const span = (from: Date | null, to: Date | null) =>
    from === null || to === null ? (
      "not read yet"
    ) : from.getTime() === to.getTime() ? (
      <Instant at={to} timeZone={timeZone} seconds />
    ) : (
      <>
        <Instant at={from} timeZone={timeZone} seconds /> to <Instant at={to} timeZone={timeZone} seconds />
      </>
    );
  return (
    <div className="flex flex-col gap-3">
      {summary.awaiting > 0 && summary.awaitsOrdersUntil && (
        <Message tone="neutral" title="As judged last">
          Newer readings of {summary.awaiting === 1 ? "1 item" : `${count(summary.awaiting)} items`} wait for
          SCAYLE’s orders up to <Instant at={summary.awaitsOrdersUntil} timeZone={timeZone} seconds />, which
          are read next. Until then what is said of {summary.awaiting === 1 ? "it" : "them"} stands as it was
          reckoned last.
        </Message>
      )}
      <Figures summary={summary} policy={policy} span={span} />
    </div>
  );
}

/** By whom the promised pieces are stated. */
function promisedBy({ stated, items }: StockView["summary"]): string {
  if (items > 0 && stated === items) return "as the ERP states it";
  const counted = "counted from SCAYLE’s orders, confirmed and not shipped or cancelled";
  return stated === 0
    ? `${counted}: the ERP states no reserved quantity`
    : `as the ERP states it, of ${count(stated)} items; of the others, of which it states none, ${counted}`;
}

function Figures({
  summary,
  policy,
  span,
}: Pick<StockView, "summary" | "policy"> &
  Readonly<{ span: (from: Date | null, to: Date | null) => ReactNode }>) {
  return (
    <div className="grid gap-x-8 gap-y-3 lg:grid-cols-2">
      <Facts
        items={[
          { label: "Items compared", value: count(summary.items) },
          { label: "Agree", value: count(summary.agrees) },
          { label: "Differ by what is in flight", value: count(summary.inFlight) },
          { label: "Drift beyond that", value: count(summary.drifting) },
          { label: "Can’t be told yet", value: count(summary.unknown) },
          {
            label: "Oversell risk",
            value: `${summary.riskPieces} ${summary.riskPieces === "1" ? "piece" : "pieces"} of ${count(summary.risk)} ${summary.risk === 1 ? "item" : "items"}`,
          },
          { label: "Promised", value: promisedBy(summary) },
        ]}
      />
      <Facts
        items={[
          { label: "The ERP’s snapshots", value: span(summary.erpFrom, summary.erpTo) },
          { label: "SCAYLE’s stock read", value: span(summary.scayleFrom, summary.scayleTo) },
          {
            label: "SCAYLE’s orders known up to",
            value: span(summary.ordersAt, summary.ordersAt),
          },
          {
            label: "Reckoned",
            value: span(summary.judgedFrom, summary.judgedTo),
          },
          {
            label: "Warehouses",
            value: policy.warehouses.length === 0 ? "all of SCAYLE’s" : policy.warehouses.join(", "),
          },
        ]}
      />
    </div>
  );
}
