import { RefreshCw, Scale } from "lucide-react";
import type { Metadata, Route } from "next";
import Link from "next/link";
import { BridgeChart } from "@/components/close/bridge-chart";
import { BucketsTable } from "@/components/close/buckets-table";
import { CausesTable } from "@/components/close/causes-table";
import { ChecklistCard } from "@/components/close/checklist-card";
import { CarriedMessage, ClosedCard, LateCard } from "@/components/close/closed-card";
import { CorrectionsCard } from "@/components/close/corrections-card";
import { DebtTable } from "@/components/close/debt-table";
import { PeriodsTable } from "@/components/close/periods-table";
import { ProofsList } from "@/components/close/proofs-list";
import { ReadinessCard } from "@/components/close/readiness-card";
import { SignOffCard } from "@/components/close/sign-off-card";
import { CutOffCard } from "@/components/feeds/cut-off-card";
import { ConsolePage } from "@/components/shell/console-page";
import { TieOutStrip } from "@/components/shell/tie-out-strip";
import { amountText } from "@/components/ui/amount";
import { BackgroundButton } from "@/components/ui/background-button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Message } from "@/components/ui/message";
import { oneParam } from "@/components/ui/search-params";
import { reconcileNow } from "@/lib/close/actions";
import { loadClosing, loadPeriod, type PeriodView } from "@/lib/close/loaders";
import { monthName } from "@/lib/domain/day";
import { syncNow } from "@/lib/sync/actions";

export async function generateMetadata({ params }: PageProps<"/close/[period]">): Promise<Metadata> {
  return { title: `Close ${monthName((await params).period)}` };
}

export default async function PeriodPage({ params, searchParams }: PageProps<"/close/[period]">) {
  const view = await loadPeriod((await params).period, oneParam((await searchParams)["entity"]));
  const title = `Close of ${monthName(view.period)}`;
  if (view.entity === null) {
    return (
      <ConsolePage title={title}>
        <EmptyState title="No entity is connected yet.">
          Connect SCAYLE and the ERP of a legal entity on the command line with “tieout connect”; its months
          appear here.
        </EmptyState>
      </ConsolePage>
    );
  }
  const { entity, entities, period, summaries, periods } = view;
  const { signing, checklist, journals } = await loadClosing(entity.id, period);
  const listOf = (cause: string) => exceptionsOf(entity.id, period, cause);
  return (
    <ConsolePage
      title={title}
      description={`${entity.name} · ${entity.timeZone}`}
      context={{
        entities,
        entity,
        period,
        periods: [...new Set([period, ...periods.map((row) => row.period)])].sort().reverse(),
        asOf: summaries[0]?.asOf ?? null,
      }}
      strip={
        summaries.length === 0 ? (
          <TieOutStrip summary={null} />
        ) : (
          summaries.map(({ strip }) => <TieOutStrip key={strip.currency} summary={strip} />)
        )
      }
      actions={<Actions view={view} />}
    >
      <ReadinessCard readiness={view.readiness} hrefOf={listOf} />
      {signing?.period.state === "closed" && (
        <Message tone="neutral" title="This month is closed.">
          What was signed is locked. The figures here are live: what came later is under{" "}
          <a href="#late" className="underline underline-offset-4">
            late arrivals
          </a>
          .
        </Message>
      )}
      {signing?.period.state === "open" && signing.period.softClosedAt && (
        <Message tone="attention" title="This month is about to be closed.">
          {signing.period.softClosedBy} asks everybody to change nothing of it any more without need.
        </Message>
      )}
      {signing && <CarriedMessage view={signing} />}
      {view.changed > 0 && (
        <Message tone="neutral">
          {view.changed === 1 ? "1 order" : `${view.changed.toLocaleString("en")} orders`} of this entity
          changed since the last reconciliation; the figures here do not count that yet.
        </Message>
      )}
      {view.cutOff && (
        <CutOffCard
          cutOff={view.cutOff}
          entityId={entity.id}
          timeZone={entity.timeZone}
          maySet={view.may.setCutOff}
        />
      )}
      {summaries.length === 0 ? (
        <Card>
          <EmptyState title="Nothing to show for this month yet.">
            Sync the feeds and reconcile: the totals of both sides, what lies between them and every line’s
            bucket appear here.
          </EmptyState>
        </Card>
      ) : (
        summaries.map((summary) => <Currency key={summary.totals.currency} view={view} summary={summary} />)
      )}
      <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
        <Card title="Months" flush>
          {periods.length === 0 ? (
            <p className="p-4 text-sm text-soft">The first reconciliation makes the first month.</p>
          ) : (
            <PeriodsTable periods={periods} entityId={entity.id} current={period} />
          )}
        </Card>
        <Card title="Open by age" description="What people must still act on in this month" flush>
          <DebtTable debt={view.debt} />
        </Card>
      </div>
      <CorrectionsCard view={journals} timeZone={entity.timeZone} />
      <ChecklistCard view={checklist} timeZone={entity.timeZone} />
      {signing && (
        <>
          <LateCard view={signing} timeZone={entity.timeZone} />
          <SignOffCard view={signing} timeZone={entity.timeZone} />
          <ClosedCard view={signing} timeZone={entity.timeZone} />
        </>
      )}
    </ConsolePage>
  );
}

function Actions({ view }: Readonly<{ view: PeriodView }>) {
  const { entity, period, may, runs } = view;
  return (
    <>
      {may.sync && (
        <BackgroundButton
          action={syncNow}
          input={{ entityId: entity.id }}
          label="Sync now"
          running="Syncing…"
          latest={runs.sync}
          icon={<RefreshCw aria-hidden size={14} />}
        />
      )}
      {may.reconcile && (
        <BackgroundButton
          action={reconcileNow}
          input={{ entityId: entity.id, period }}
          label="Reconcile now"
          running="Reconciling…"
          latest={runs.reconciliation}
          variant="primary"
          icon={<Scale aria-hidden size={14} />}
        />
      )}
    </>
  );
}

function Currency({
  view,
  summary,
}: Readonly<{ view: PeriodView; summary: PeriodView["summaries"][number] }>) {
  const { totals, bridge } = summary;
  const { currency } = totals;
  const listOf = (cause: string) => exceptionsOf(view.entity.id, view.period, cause);
  const causesAnchor = `#causes-${currency}`;
  const bars = bridge.bars.map((bar) => ({
    ...bar,
    ...namedBar(view, summary, bar.key, bar.causes, listOf, causesAnchor),
  }));
  return (
    <>
      <div className="grid gap-4 xl:grid-cols-[3fr_2fr]">
        <Card
          title={`Bridge in ${currency}`}
          description="Gross: what the ERP has more (+) or less (−) than SCAYLE, by cause"
        >
          {bridge.gap !== 0n && (
            <Message tone="broken">
              The causes leave {amountText(bridge.gap, currency)} {currency} unaccounted for: the books do not
              add up.
            </Message>
          )}
          <BridgeChart bars={bars} currency={currency} />
          <p className="text-soft text-xs">
            The axis does not begin at zero.{" "}
            {unknownTax(totals.scayle.unknownTaxLines, totals.erp.unknownTaxLines)}
          </p>
        </Card>
        <Card
          title="Proofs"
          description="What the reconciliation checked of its own figures"
          actions={
            <Link
              href={`/close/${view.period}/proof?entity=${encodeURIComponent(view.entity.id)}` as Route}
              className="text-sm underline decoration-line-strong underline-offset-4"
            >
              Nothing-lost proof
            </Link>
          }
        >
          <ProofsList proofs={summary.proofs} />
        </Card>
      </div>
      <Card
        id={`causes-${currency}`}
        title="Causes"
        description="SCAYLE − causes − unexplained = ERP; each amount is SCAYLE − ERP"
        flush
      >
        <CausesTable totals={totals} titles={view.titles} quiet={view.quiet} hrefOf={listOf} />
      </Card>
      <div className="grid gap-4 xl:grid-cols-2">
        <Card title="SCAYLE’s lines" description="One line per unit, each in exactly one bucket" flush>
          <BucketsTable totals={totals} side="scayle" />
        </Card>
        <Card title="The ERP’s lines" description="Document lines, each in exactly one bucket" flush>
          <BucketsTable totals={totals} side="erp" />
        </Card>
      </div>
    </>
  );
}

const exceptionsOf = (entityId: string, period: string, cause: string): string =>
  `/exceptions?entity=${encodeURIComponent(entityId)}&period=${period}&cause=${cause}&state=all`;

/** What a bar is called and where its rows are. */
function namedBar(
  view: PeriodView,
  { strip }: PeriodView["summaries"][number],
  key: string,
  causes: readonly string[],
  listOf: (cause: string) => string,
  anchor: string,
): Readonly<{ label: string; href: string }> {
  if (key === "scayle") return { label: "SCAYLE", href: strip.scayle.href };
  if (key === "erp") return { label: "ERP", href: strip.erp.href };
  if (key === "others") return { label: `${causes.length} smaller causes`, href: anchor };
  const [cause = key] = causes;
  return {
    label: cause === "unexplained" ? "Unexplained" : (view.titles[cause] ?? cause),
    href: view.quiet.includes(cause) ? anchor : listOf(cause),
  };
}

function unknownTax(scayle: number, erp: number): string {
  if (scayle === 0 && erp === 0) return "Net and tax are known of every line.";
  const parts = [scayle > 0 && `${scayle} lines of SCAYLE`, erp > 0 && `${erp} lines of the ERP`].filter(
    Boolean,
  );
  return `Net and tax are unknown of ${parts.join(" and ")}; they count with their gross.`;
}
