import type { Metadata } from "next";
import { ResyncRow } from "@/components/orders/resync-row";
import { DecisionsCard, HandPairsCard } from "@/components/pairing/decisions-tables";
import { RulesForm } from "@/components/pairing/rules-form";
import { SettingsCard } from "@/components/settings/settings-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { loadPairing, type PairingSettings } from "@/lib/pairing/loaders";

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
      {view.connections.map((connection) => (
        <Rules key={connection.id} connection={connection} />
      ))}
      <DecisionsCard rows={view.decisions} resync={resync} />
      <HandPairsCard rows={view.handPairs} resync={resync} />
    </ConsolePage>
  );
}

const resync = (entityId: string, orderKey: string, name: string) => (
  <ResyncRow name={name} target={{ entityId, orderKey }} />
);

function Rules({ connection }: Readonly<{ connection: PairingSettings["connections"][number] }>) {
  const { rules, madeAt, madeBy } = connection;
  return (
    <Card
      title={`References of ${connection.name} (${connection.entityId})`}
      description={`${connection.strays} documents on their own, ${connection.placed} placed by a normalised reference`}
    >
      <div className="flex flex-col gap-3">
        <p className="text-sm">
          {rules ? "These rules are in force" : "References are read as they stand"}
          {rules && madeAt && (
            <>
              {" "}
              since <Instant at={madeAt} timeZone={connection.timeZone} />
              {madeBy && `, by ${madeBy}`}
            </>
          )}
          .
        </p>
        {connection.mayChange ? (
          <RulesForm
            entityId={connection.entityId}
            connectionId={connection.id}
            name={connection.name}
            rules={rules}
          />
        ) : (
          rules && (
            <p className="text-sm">
              Beginnings: {rules.prefixes.join(", ") || "none"}. Endings:{" "}
              {rules.suffixes.join(", ") || "none"}. Separators: {rules.separators || "none"}. Zeros in front:{" "}
              {rules.leadingZeros ? "left out" : "kept"}.
            </p>
          )
        )}
      </div>
    </Card>
  );
}
