import { RefreshCw, Scale } from "lucide-react";
import type { Metadata } from "next";
import { ChecklistCard } from "@/components/close/checklist-card";
import { CloseTabs } from "@/components/close/close-tabs";
import { CarriedMessage, ClosedCard, LateCard } from "@/components/close/closed-card";
import { CorrectionsCard } from "@/components/close/corrections-card";
import { DebtTable } from "@/components/close/debt-table";
import { MonthMessages } from "@/components/close/month-messages";
import { MovedCard } from "@/components/close/moved-card";
import { PeriodsTable } from "@/components/close/periods-table";
import { ReadinessCard } from "@/components/close/readiness-card";
import { SectionIndex } from "@/components/close/section-index";
import { SignOffCard } from "@/components/close/sign-off-card";
import { CutOffCard } from "@/components/feeds/cut-off-card";
import { ConsolePage } from "@/components/shell/console-page";
import { TieOutStrip, TieOutStrips } from "@/components/shell/tie-out-strip";
import { BackgroundButton } from "@/components/ui/background-button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Fold } from "@/components/ui/fold";
import { FollowMark } from "@/components/ui/follow-mark";
import { Message } from "@/components/ui/message";
import { oneParam } from "@/components/ui/search-params";
import { reconcileNow } from "@/lib/close/actions";
import { loadClosing, loadPeriod, type PeriodView } from "@/lib/close/loaders";
import { monthName } from "@/lib/domain/day";
import { loadMoved } from "@/lib/moves/loaders";
import { momentFrom } from "@/lib/moves/schema";
import { syncNow } from "@/lib/sync/actions";
import { AsAt } from "./as-at";
import { CurrencyFigures } from "./currency-figures";

export async function generateMetadata({ params }: PageProps<"/close/[period]">): Promise<Metadata> {
  return { title: `Close ${monthName((await params).period)}` };
}

export default async function PeriodPage({ params, searchParams }: PageProps<"/close/[period]">) {
  const asked = await searchParams;
  if (momentFrom(oneParam(asked["at"]))) return <AsAt asked={asked} period={(await params).period} />;
  const view = await loadPeriod((await params).period, asked);
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
  const { signing, checklist, journals, blockers, sections } = await loadClosing(view);
  const listOf = (cause: string) => exceptionsOf(entity.id, period, cause);
  const lockedAt = signing?.period.state === "closed" ? signing.locks[0]?.lockedAt : undefined;
  const moved = await loadMoved(period, asked);
  return (
    <ConsolePage
      title={title}
      description={`${entity.name} · ${entity.timeZone}`}
      context={{
        entities,
        entity,
        period,
        periods: [...new Set([period, ...periods.map((row) => row.period)])].sort().reverse(),
        asOf: lockedAt ?? summaries[0]?.asOf ?? null,
      }}
      strip={
        <>
          {summaries.length === 0 ? (
            <TieOutStrip summary={null} />
          ) : (
            <TieOutStrips strips={summaries.map(({ strip }) => strip)} own={entity.currency} />
          )}
          <SectionIndex sections={sections} inHead />
        </>
      }
      actions={<Actions view={view} />}
    >
      <CloseTabs entityId={entity.id} period={period} current="" />
      <SectionIndex sections={sections} inHead={false} />
      <div className="grid items-start gap-4 xl:grid-cols-2 print:grid-cols-2">
        {signing?.period.state === "closed" ? (
          <section id="closed-state" aria-label="This month is closed" className="below-head">
            <MonthMessages view={signing} timeZone={entity.timeZone} />
          </section>
        ) : (
          <ReadinessCard readiness={view.readiness} blockers={blockers} />
        )}
        {signing && <SignOffCard view={signing} work={checklist.open} timeZone={entity.timeZone} />}
      </div>
      {signing && signing.period.state !== "closed" && (
        <MonthMessages view={signing} timeZone={entity.timeZone} />
      )}
      {signing && <CarriedMessage view={signing} />}
      {view.changed > 0 && (
        <Message tone="neutral">
          {view.changed === 1 ? "1 order" : `${view.changed.toLocaleString("en")} orders`} of this entity
          changed since the last reconciliation; the figures here do not count that yet.
        </Message>
      )}
      {summaries.length === 0 ? (
        <Card>
          <EmptyState title="Nothing to show for this month yet.">
            Sync the feeds and reconcile: the totals of both sides, what lies between them and every line’s
            bucket appear here.
          </EmptyState>
        </Card>
      ) : (
        summaries.map((summary) => (
          <CurrencyFigures
            key={summary.totals.currency}
            view={{ ...view, hrefOf: listOf }}
            asked={asked}
            summary={summary}
            moved={moved.currencies.find(({ currency }) => currency === summary.totals.currency)}
          />
        ))
      )}
      {summaries.length > 0 && <MovedCard moved={moved} asked={asked} />}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Card
          title="Open by age"
          description="What people must still act on in this month, by days since the day of business; of each exception the largest of net, tax and gross, without its sign"
          flush
        >
          <DebtTable
            debt={view.debt}
            hrefOf={(age) =>
              `/exceptions?entity=${encodeURIComponent(entity.id)}&period=${period}&age=${age}&state=open`
            }
          />
        </Card>
        {view.cutOff && (
          <CutOffCard
            cutOff={view.cutOff}
            entityId={entity.id}
            timeZone={entity.timeZone}
            maySet={view.may.setCutOff}
          />
        )}
      </div>
      <ChecklistCard view={checklist} timeZone={entity.timeZone} />
      <CorrectionsCard view={journals} timeZone={entity.timeZone} />
      {signing && (
        <>
          <LateCard view={signing} timeZone={entity.timeZone} />
          <ClosedCard view={signing} timeZone={entity.timeZone} />
        </>
      )}
      <Fold
        id="months"
        title="Months"
        state={
          periods.length === 0
            ? "the first reconciliation makes the first"
            : `${new Set(periods.map((row) => row.period)).size} of ${entity.name}`
        }
      >
        <PeriodsTable periods={periods} entityId={entity.id} current={period} timeZone={entity.timeZone} />
      </Fold>
      <FollowMark />
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

const exceptionsOf = (entityId: string, period: string, cause: string): string =>
  `/exceptions?entity=${encodeURIComponent(entityId)}&period=${period}&cause=${cause}&state=all`;
