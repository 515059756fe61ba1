import { ListChecks } from "lucide-react";
import type { Metadata } from "next";
import { TodayNote } from "@/components/close/as-at-note";
import { GapsTable } from "@/components/close/gaps-table";
import { InvariantsList } from "@/components/close/invariants-list";
import { MonthBridgeTable } from "@/components/close/month-bridge";
import { kindWords, proofTones } from "@/components/close/proof-words";
import { SecondCounts } from "@/components/close/second-counts";
import { DaysTable, FeedsTable } from "@/components/close/stages-table";
import { ResyncRow } from "@/components/orders/resync-row";
import { ConsolePage } from "@/components/shell/console-page";
import { BackgroundButton } from "@/components/ui/background-button";
import { Card } from "@/components/ui/card";
import { FollowMark } from "@/components/ui/follow-mark";
import { Message } from "@/components/ui/message";
import { recountNow } from "@/lib/close/actions";
import { loadProof } from "@/lib/close/loaders";
import { monthName } from "@/lib/domain/day";

export const metadata: Metadata = { title: "Nothing-lost proof" };

const SENTENCES = {
  holds:
    "It holds: everything that was fetched is in the books, to the line and cent, and the sources agree.",
  fails: "It fails: something was lost, or is there that should not be. The month does not tie out.",
  unproved: "Nothing disagrees, but it is not proved yet.",
} as const;

export default async function ProofPage({ params, searchParams }: PageProps<"/close/[period]/proof">) {
  const asked = await searchParams;
  const view = await loadProof((await params).period, asked);
  const { report, shown, entity, period } = view;
  return (
    <ConsolePage
      title={`Nothing-lost proof, ${monthName(period)}`}
      description="What was fetched, what became of it and what was matched, counted apart and compared."
      context={{ entities: view.entities, entity, period, periods: [...view.periods].sort().reverse() }}
      actions={
        view.mayRecount && (
          <BackgroundButton
            action={recountNow}
            input={{ entityId: entity.id, period }}
            label="Count again at the sources"
            running="Counting…"
            latest={view.recount}
            icon={<ListChecks aria-hidden size={14} />}
          />
        )
      }
    >
      <TodayNote asked={asked} what="This proof" />
      <Message tone={proofTones[report.state]} title={SENTENCES[report.state]}>
        {report.findings.length > 0 && (
          <ul className="list-inside list-disc break-words">
            {report.findings.map((finding) => (
              <li key={finding}>{finding}</li>
            ))}
          </ul>
        )}
      </Message>
      <Card
        title="Three counts"
        description="Fetched + remainders = documents; documents − drafts = in pairs. Counts, net, tax, gross and hashes agree where it holds; each record on the day of its document."
        flush
      >
        <FeedsTable rows={report.feeds} shown={shown} />
      </Card>
      {shown && (
        <Card
          id="days"
          title={`Day by day: ${shown.feed}, ${kindWords(shown.kind)}, ${shown.currency}`}
          flush
        >
          <DaysTable rows={view.days} />
        </Card>
      )}
      <Card
        title="From documents to the tie-out"
        description="A document stands on its posting day, each of its lines counts on its own. Gross."
        flush
      >
        <MonthBridgeTable rows={report.bridge} />
      </Card>
      <Card
        title="Counted again at the source"
        description="Asked in another way than the sync reads; it names what we don’t have, and what only we have"
        flush
      >
        <SecondCounts
          counts={report.counts}
          timeZone={entity.timeZone}
          resync={
            view.mayResync
              ? (feedId, { kind, sourceId, name }) =>
                  isKind(kind) && (
                    <ResyncRow
                      name={name}
                      target={{ entityId: entity.id, record: { feedId, kind, sourceId } }}
                    />
                  )
              : undefined
          }
        />
      </Card>
      <Card
        title="Number series"
        description="Numbers that the ERP’s posted series skip in this month. SCAYLE’s order ids have gaps by nature, and its invoice lists are read only for orders with a return: neither is looked at."
        flush
      >
        <GapsTable gaps={report.gaps} />
      </Card>
      <Card
        title="What must hold"
        description={
          report.deep
            ? "Each is a query that returns no row while it holds"
            : "Each is a query that returns no row while it holds. This month is large: “tieout proof” opens every stored version too."
        }
      >
        <InvariantsList invariants={report.invariants} />
      </Card>
      <FollowMark />
    </ConsolePage>
  );
}

const isKind = (kind: string): kind is "sale" | "credit" => kind === "sale" || kind === "credit";
