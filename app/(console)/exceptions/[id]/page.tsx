import type { Metadata, Route } from "next";
import { ExceptionDetail } from "@/components/exceptions/exception-detail";
import { FeedLink } from "@/components/exceptions/feed-link";
import { Payloads } from "@/components/exceptions/payloads";
import { AnswerForm } from "@/components/orders/answer-form";
import { QuestionsList } from "@/components/orders/questions";
import { ResyncButton } from "@/components/orders/resync-button";
import { ExceptionPairing } from "@/components/pairing/exception-pairing";
import { ResolutionCard } from "@/components/resolutions/resolution-card";
import { LackForms } from "@/components/settings/change/lack-forms";
import { ConsolePage } from "@/components/shell/console-page";
import { ClosedMonthNotice, SoftCloseNotice } from "@/components/shell/soft-close-notice";
import { StockLink } from "@/components/stock/stock-link";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { loadClosedMonths, loadSoftClosed } from "@/lib/close/softclose-view";
import { loadException } from "@/lib/exceptions/loaders";
import { loadAnswered } from "@/lib/orders/loaders";
import { loadResolution } from "@/lib/resolutions/loaders";
import { loadLacksOfException } from "@/lib/settings/change/loaders";

export const metadata: Metadata = { title: "Exception" };

export default async function ExceptionPage({ params }: PageProps<"/exceptions/[id]">) {
  const view = await loadException((await params).id);
  const { exception, title, may, feedId } = view;
  const [resolution, answered] = await Promise.all([loadResolution(exception), loadAnswered(exception)]);
  const entity = encodeURIComponent(exception.entityId);
  return (
    <ConsolePage
      title={`${title} · ${exception.order ?? exception.document ?? "no order known"}`}
      actions={
        <>
          {may.seeOrder && (
            <ButtonLink href={`/orders/${exception.orderKey}` as Route}>Open the order</ButtonLink>
          )}
          <ButtonLink href={`/exceptions?entity=${entity}` as Route}>All exceptions</ButtonLink>
        </>
      }
    >
      {exception.cause === "question" && exception.resolvedAt === null && may.assign && (
        <AnswerForm entityId={exception.entityId} exceptionId={exception.id} />
      )}
      {answered && (
        <Card title="Question and answer">
          <QuestionsList label="Question and answer" questions={[answered]} timeZone={exception.timeZone} />
        </Card>
      )}
      <ExceptionDetail
        wide
        view={view}
        lacks={
          <>
            <SoftCloseNotice
              found={await loadSoftClosed(exception.entityId, { months: monthsOf(exception) })}
            />
            <ClosedMonthNotice months={await loadClosedMonths(exception.entityId, monthsOf(exception))} />
            <LackForms lacks={await loadLacksOfException(exception.entityId, exception.id)} />
          </>
        }
        payloads={feedId === null && <Payloads payloads={view.payloads} timeZone={exception.timeZone} />}
        resolution={<ResolutionCard view={resolution} exceptionId={exception.id} />}
        pairing={
          <ExceptionPairing pairing={view.pairing} placed={view.placed} timeZone={exception.timeZone} />
        }
        resync={
          exception.cause === "stock-drift" && exception.document ? (
            <StockLink entityId={exception.entityId} itemKey={exception.document} />
          ) : feedId ? (
            <FeedLink feedId={feedId} />
          ) : (
            may.resync && (
              <ResyncButton
                entityId={exception.entityId}
                orderKey={exception.orderKey}
                isStray={view.isStray}
                isSecond={
                  exception.state === "resolved" ||
                  resolution.offers.length > 0 ||
                  resolution.current !== null
                }
              />
            )
          )
        }
      />
    </ConsolePage>
  );
}

/** The months in which an exception counts. */
const monthsOf = ({
  period,
  amounts,
}: Readonly<{ period: string; amounts: readonly Readonly<{ period: string }>[] }>) => [
  ...new Set([period, ...amounts.map((one) => one.period)]),
];
