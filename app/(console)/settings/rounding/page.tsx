import type { Metadata } from "next";
import { ConnectionCard, HeadersCard, MadeCard, ResidueCard } from "@/components/rounding/rounding-tables";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { loadRounding } from "@/lib/rounding/loaders";

export const metadata: Metadata = { title: "Rounding" };

export default async function RoundingPage({ searchParams }: PageProps<"/settings/rounding">) {
  const params = await searchParams;
  const { entities, entity, page } = await loadRounding(
    oneParam(params["entity"]),
    oneParam(params["period"]),
  );
  if (!entity || !page) {
    return (
      <ConsolePage title="Rounding">
        <EmptyState title="No entity is connected yet.">
          How its systems round appears here once SCAYLE and the ERP of a legal entity are connected.
        </EmptyState>
      </ConsolePage>
    );
  }
  return (
    <ConsolePage
      title="Rounding"
      description="How each system rounds tax, inferred from all of its documents. Only what a person confirmed proves anything."
      context={{ entities, entity, period: page.month?.month ?? null, periods: page.months }}
      actions={<ButtonLink href="/settings">Settings</ButtonLink>}
    >
      {page.connections.map((connection) => (
        <ConnectionCard
          key={connection.id}
          connection={connection}
          entity={entity}
          mayConfirm={page.mayConfirm}
        />
      ))}
      {page.headers.length > 0 && <HeadersCard headers={page.headers} />}
      {page.month && (
        <>
          <MadeCard month={page.month} />
          {page.month.residues.map((residue) => (
            <ResidueCard key={residue.id} month={page.month?.month ?? ""} residue={residue} />
          ))}
        </>
      )}
    </ConsolePage>
  );
}
