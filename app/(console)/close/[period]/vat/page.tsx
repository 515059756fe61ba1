import type { Metadata, Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { AccountsTable } from "@/components/close/accounts-table";
import { AsAtNote } from "@/components/close/as-at-note";
import { CloseTabs } from "@/components/close/close-tabs";
import { VatTable } from "@/components/close/vat-table";
import type { WhyOf } from "@/components/close/why-link";
import { ConsolePage } from "@/components/shell/console-page";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Instant } from "@/components/ui/instant";
import { Message } from "@/components/ui/message";
import { withParams } from "@/components/ui/search-params";
import { loadVat } from "@/lib/close/vat-view";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "VAT and accounts" };

export default async function VatPage({ params, searchParams }: PageProps<"/close/[period]/vat">) {
  const asked = await searchParams;
  const view = await loadVat((await params).period, asked);
  const { entity, entities, period, periods, asOf, currencies, changed, at, lockedAt } = view;
  // A part's moves are not kept by code or account; where the sums are the totals of the tie-out, those of the totals are.
  const why =
    (currency: string): WhyOf =>
    (side, figure) =>
      `/close/${period}/why${withParams({}, { entity: entity.id, currency, total: side, of: figure === "gross" ? null : figure, since: "start", at: at?.asked ?? null })}`;
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
      {lockedAt && (
        <Message tone="neutral" title="This month is closed: these are the figures that are locked.">
          Locked <Instant at={lockedAt} timeZone={entity.timeZone} />. What came since stands under each
          table: live − locked. Codes that SCAYLE’s lines stand under are as the mapping says today; accounts
          and discounts are those that the lines had when it was locked.{" "}
          <Link
            href={`/close/${period}/locked?entity=${encodeURIComponent(entity.id)}` as Route}
            className="underline underline-offset-4"
          >
            What is locked, line by line
          </Link>
        </Message>
      )}
      {!lockedAt && changed > 0 && (
        <Message tone="neutral">
          {changed === 1 ? "1 order" : `${changed.toLocaleString("en")} orders`} of this entity changed since
          the last reconciliation. These sums are of the lines as they are now: until it is reconciled they
          may differ from the totals of the tie-out.
        </Message>
      )}
      {currencies.length === 0 && (
        <Card>
          {at ? (
            <EmptyState title="Nothing was known of this month yet on that day.">
              No line of it had been read by then. Choose a later day, or look at today’s figures.
            </EmptyState>
          ) : (
            <EmptyState title="Nothing to show for this month yet.">
              Sync the feeds and reconcile: base and tax of both sides appear here.
            </EmptyState>
          )}
        </Card>
      )}
      {currencies.map(({ currency, vat, accounts, since, agrees }) => (
        <section key={currency} aria-label={currency} className="flex flex-col gap-4">
          <Card
            title={`VAT in ${currency}`}
            description="By the country that goods go to, rate and code. SCAYLE states no codes: its lines stand under the code that the confirmed mapping has"
            actions={<Agrees ok={agrees?.vat} locked={since !== null} />}
            flush
          >
            <VatTable
              rows={vat}
              currency={currency}
              why={agrees?.vat && !since ? why(currency) : undefined}
            />
            {since && (
              <Since nothing={since.vat.length === 0}>
                <VatTable
                  rows={since.vat}
                  currency={currency}
                  caption={`VAT since it was closed in ${currency}`}
                />
              </Since>
            )}
          </Card>
          <Card
            title={`Kinds and accounts in ${currency}`}
            description="Sales +, credits −. An account is named where the ERP’s line names one; items are posted by their posting group, which its interface does not tell"
            actions={<Agrees ok={agrees?.accounts} locked={since !== null} />}
            flush
          >
            <AccountsTable
              rows={accounts}
              currency={currency}
              why={agrees?.accounts && !since ? why(currency) : undefined}
            />
            {since && (
              <Since nothing={since.accounts.length === 0}>
                <AccountsTable
                  rows={since.accounts}
                  currency={currency}
                  caption={`Kinds and accounts since it was closed in ${currency}`}
                />
              </Since>
            )}
          </Card>
        </section>
      ))}
    </ConsolePage>
  );
}

/** Whether the sums are the totals of the tie-out, or of the lock; nothing where there are none yet. */
function Agrees({ ok, locked }: Readonly<{ ok: boolean | undefined; locked: boolean }>): ReactNode {
  if (ok === undefined) return <Badge>{locked ? "Nothing of it is locked" : "Not reconciled yet"}</Badge>;
  const of = locked ? "what is locked" : "totals of the tie-out";
  return ok ? (
    <Badge tone="agrees">Sums = {of}</Badge>
  ) : (
    <Badge tone="broken">Sums are not {locked ? of : `the ${of}`}</Badge>
  );
}

/** What came to a closed month since, under what is locked of it. */
function Since({ nothing, children }: Readonly<{ nothing: boolean; children: ReactNode }>) {
  return (
    <div className="border-line border-t">
      <p className="px-4 pt-3 font-medium text-sm">Since it was closed: live − locked</p>
      {nothing ? (
        <p className="px-4 pt-1 pb-3 text-soft text-sm">
          Nothing has come since: what is live is what is locked.
        </p>
      ) : (
        children
      )}
    </div>
  );
}
