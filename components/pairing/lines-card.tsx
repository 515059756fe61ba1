import { Card } from "@/components/ui/card";
import type { PairingView } from "@/lib/pairing/loaders";
import { type PairableLine, PairLinesForm } from "./lines-form";
import { UndoPairButton } from "./undo-button";

/** Pairs lines of an order by hand, and lists the pairs made so. */
export function PairLinesCard({
  view,
  lines,
}: Readonly<{ view: PairingView; lines: readonly PairableLine[] }>) {
  const { entityId, orderKey, handPairs } = view;
  if (handPairs.length === 0 && new Set(lines.map((line) => line.side)).size < 2) return null;
  return (
    <Card
      title="Pair lines by hand"
      description="For lines that belong together although their items differ; a mapping does it for all orders"
    >
      <div className="flex flex-col gap-4">
        {handPairs.length > 0 && (
          <ul className="flex flex-col gap-2 text-sm">
            {handPairs.map((pair) => (
              <li key={pair.id} className="flex flex-wrap items-center gap-3">
                <span>
                  {pair.kind === "together" ? "Together: " : "Out of its pair: "}
                  {pair.lines.join(", ")}
                  <span className="text-soft"> by {pair.madeBy}</span>
                </span>
                <UndoPairButton
                  entityId={entityId}
                  orderKey={orderKey}
                  pairId={pair.id}
                  label={pair.lines.join(", ")}
                />
              </li>
            ))}
          </ul>
        )}
        <PairLinesForm entityId={entityId} orderKey={orderKey} lines={lines} />
      </div>
    </Card>
  );
}
