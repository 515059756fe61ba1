import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
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
      <Instant at={to} timeZone={timeZone} />
    ) : (
      <>
        <Instant at={from} timeZone={timeZone} /> to <Instant at={to} timeZone={timeZone} />
      </>
    );
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
        ]}
      />
      <Facts
        items={[
          { label: "The ERP’s snapshots", value: span(summary.erpFrom, summary.erpTo) },
          { label: "SCAYLE’s stock read", value: span(summary.scayleFrom, summary.scayleTo) },
          {
            label: "SCAYLE’s orders known up to",
            value: summary.ordersAt ? <Instant at={summary.ordersAt} timeZone={timeZone} /> : "not read yet",
          },
          {
            label: "Reckoned",
            value: summary.judgedAt ? <Instant at={summary.judgedAt} timeZone={timeZone} /> : "not yet",
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
