import type { Metadata } from "next";
import { ResolutionLimitForm } from "@/components/resolutions/limit-form";
import { ConsolePage } from "@/components/shell/console-page";
import { Amount } from "@/components/ui/amount";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { oneParam } from "@/components/ui/search-params";
import { Table, Td, Th } from "@/components/ui/table";
import { formatPlain } from "@/lib/domain/money";
import { loadResolutionLimits } from "@/lib/resolutions/loaders";

export const metadata: Metadata = { title: "Sending" };

export default async function ResolutionLimitsPage({ searchParams }: PageProps<"/settings/resolutions">) {
  const view = await loadResolutionLimits(oneParam((await searchParams)["entity"]));
  if (view.entity === null) {
    return (
      <ConsolePage title="Sending">
        <EmptyState title="No entity is connected yet.">
          What one person may send alone is said here once SCAYLE and the ERP of a legal entity are connected.
        </EmptyState>
      </ConsolePage>
    );
  }
  const { entity, limits, may } = view;
  return (
    <ConsolePage
      title="Sending"
      description="What one person may send to SCAYLE or the ERP alone. Above it a second person approves; many at once are measured together."
      context={{ entities: view.entities, entity }}
      actions={<ButtonLink href="/settings">All settings</ButtonLink>}
    >
      <Card title="Limits" flush>
        <Table caption={`Limits of ${entity.name}`}>
          <thead>
            <tr>
              <Th>Resolution</Th>
              <Th align="end">One person alone up to</Th>
              <Th>Set by</Th>
            </tr>
          </thead>
          <tbody>
            {limits.map((limit) => (
              <tr key={limit.code}>
                <Td>
                  <span className="font-medium">{limit.title}</span>
                  <span className="block max-w-prose text-sm text-soft">{limit.meaning}</span>
                </Td>
                <Td align="end">
                  {may.set ? (
                    <ResolutionLimitForm
                      key={`${entity.id} ${limit.minor}`}
                      entityId={entity.id}
                      code={limit.code}
                      title={limit.title}
                      currency={limit.currency}
                      amount={formatPlain(limit.minor, limit.currency)}
                    />
                  ) : (
                    <Amount minor={limit.minor} currency={limit.currency} withCurrency />
                  )}
                </Td>
                <Td>{limit.setBy ?? "nobody: as it comes"}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      </Card>
    </ConsolePage>
  );
}
