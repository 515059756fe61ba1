import type { Metadata } from "next";
import type { ReactNode } from "react";
import { AccountsTable } from "@/components/close/accounts-table";
import { AsAtNote } from "@/components/close/as-at-note";
import { CloseTabs } from "@/components/close/close-tabs";
import { VatTable } from "@/components/close/vat-table";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Message } from "@/components/ui/message";
import { loadVat } from "@/lib/close/vat-view";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "VAT and accounts" };

export default async function VatPage({ params, searchParams }: PageProps<"/close/[period]/vat">) {
  const asked = await searchParams;
  const view = await loadVat((await params).period, asked);
  const { entity, entities, period, periods, asOf, currencies, changed, at } = view;
  return (
    <ConsolePage
      title={`VAT and accounts of ${monthName(period)}`}
      description={`${entity.name}: what the lines of both sides come to, as the VAT return and the trial balance need it.`}
      context={{ entities, entity, period, periods, asOf }}
    >
      <CloseTabs entityId={entity.id} period={period} current="/vat" at={at?.asked} />
      <AsAtNote at={at} here={`/close/${period}/vat`} asked={asked}>
        The lines are those that were held then, from the versions of documents that are kept. Codes that
        SCAYLE’s lines stand under, what an ERP item stands for, and an order’s channel are as the mappings
        and the order say today: they are not kept by date.
      </AsAtNote>
      {changed > 0 && (
        <Message tone="neutral">
          {changed === 1 ? "1 order" : `${changed.toLocaleString("en")} orders`} of this entity changed since
          the last reconciliation. These sums are of the lines as they are now: until it is reconciled they
          may differ from the totals of the tie-out.
        </Message>
      )}
      {currencies.length === 0 && (
        <Card>
          <EmptyState title="Nothing to show for this month yet.">
            Sync the feeds and reconcile: base and tax of both sides appear here.
          </EmptyState>
        </Card>
      )}
      {currencies.map(({ currency, vat, accounts, agrees }) => (
        <section key={currency} aria-label={currency} className="flex flex-col gap-4">
          <Card
            title={`VAT in ${currency}`}
            description="By the country that goods go to, rate and code. SCAYLE states no codes: its lines stand under the code that the confirmed mapping has"
            actions={<Agrees ok={agrees?.vat} />}
            flush
          >
            <VatTable rows={vat} currency={currency} />
          </Card>
          <Card
            title={`Kinds and accounts in ${currency}`}
            description="Sales +, credits −. An account is named where the ERP’s line names one; items are posted by their posting group, which its interface does not tell"
            actions={<Agrees ok={agrees?.accounts} />}
            flush
          >
            <AccountsTable rows={accounts} currency={currency} />
          </Card>
        </section>
      ))}
    </ConsolePage>
  );
}

/** Whether the sums are the totals of the tie-out; nothing where there are none yet. */
function Agrees({ ok }: Readonly<{ ok: boolean | undefined }>): ReactNode {
  if (ok === undefined) return <Badge>Not reconciled yet</Badge>;
  return ok ? (
    <Badge tone="agrees">Sums = totals of the tie-out</Badge>
  ) : (
    <Badge tone="broken">Sums are not the totals of the tie-out</Badge>
  );
}
