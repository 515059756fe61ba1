import type { Metadata, Route } from "next";
import { ResyncRow } from "@/components/orders/resync-row";
import { DecisionsCard, HandPairsCard } from "@/components/pairing/decisions-tables";
import { SettingsCard } from "@/components/settings/settings-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { loadPairing } from "@/lib/pairing/loaders";

export const metadata: Metadata = { title: "Pairing" };

export default async function PairingPage() {
  const view = await loadPairing();
  return (
    <ConsolePage
      title="Pairing"
      description="How records of both sides come together, and what people decided."
      actions={<ButtonLink href="/settings">All settings</ButtonLink>}
    >
      <SettingsCard
        title="Strategies"
        description="Most certain first: what one has placed, no later one sees"
        rows={view.strategies}
        empty=""
        columns={[
          { header: "Strategy", cell: (row) => row.name },
          { header: "What it goes by", cell: (row) => row.meaning },
        ]}
      />
      <Card
        title="References"
        description="What is left out of the ERP’s references, and whose a whole one is"
        actions={
          <ButtonLink href={"/settings/mappings?tab=references" as Route}>Open the mapping</ButtonLink>
        }
      >
        <ul className="flex flex-col gap-1 text-sm">
          {view.connections.map(({ id, name, entityId, strays, placed }) => (
            <li key={id}>
              {name} ({entityId}): {strays.toLocaleString("en")} documents on their own,{" "}
              {placed.toLocaleString("en")} placed by the mapping
            </li>
          ))}
        </ul>
      </Card>
      <DecisionsCard rows={view.decisions} resync={resync} />
      <HandPairsCard rows={view.handPairs} resync={resync} />
    </ConsolePage>
  );
}

const resync = (entityId: string, orderKey: string, name: string) => (
  <ResyncRow name={name} target={{ entityId, orderKey }} />
);
