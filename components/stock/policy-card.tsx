import { Card } from "@/components/ui/card";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import type { StockView } from "@/lib/stock/loaders";
import { NO_BASKET } from "@/lib/stock/schema";
import { PolicyForm } from "./policy-form";

/** How an entity's stock is compared, why, and where it is changed. */
export function StockPolicyCard({
  view: { policy, warehouses, entity, timeZone, maySet },
}: Readonly<{ view: Pick<StockView, "policy" | "warehouses" | "entity" | "timeZone" | "maySet"> }>) {
  return (
    <Card title="How stock is compared" id="compared">
      <Facts
        items={[
          {
            label: "Stock moves on",
            value: (
              <>
                <code>{policy.movesOn}</code>
                <span className="block text-soft">{NO_BASKET}</span>
              </>
            ),
          },
          {
            label: "Warehouses",
            value:
              policy.warehouses.length === 0
                ? "all of SCAYLE’s: nobody has said which hold this entity’s goods"
                : policy.warehouses.join(", "),
          },
          {
            label: "Takes the difference",
            value:
              policy.main ??
              (warehouses.length > 1
                ? "nobody has said: the ERP gives one figure, and nothing can be pushed while SCAYLE sells from several"
                : "the one warehouse there is"),
          },
          {
            label: "SCAYLE is told within",
            value: `${policy.toldWithinMinutes} min after something moved in the ERP`,
          },
          ...(policy.set
            ? [
                {
                  label: "Set",
                  value: (
                    <>
                      <Instant at={policy.set.at} timeZone={timeZone} /> by {policy.set.by}:{" "}
                      {policy.set.reason}
                    </>
                  ),
                },
              ]
            : []),
        ]}
      />
      {maySet && (
        <details className="mt-3">
          <summary className="cursor-pointer font-medium text-sm">Change how it is compared</summary>
          <PolicyForm entityId={entity.id} policy={policy} warehouses={warehouses} />
        </details>
      )}
    </Card>
  );
}
