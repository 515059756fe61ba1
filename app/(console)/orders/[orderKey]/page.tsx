import type { Metadata } from "next";
import { CustomerCard } from "@/components/orders/customer-card";
import { DocumentsCard } from "@/components/orders/documents-table";
import { ItemsCard } from "@/components/orders/items-card";
import { OrderExceptions } from "@/components/orders/order-exceptions";
import { InvoicesCard, OrderFacts } from "@/components/orders/order-facts";
import { PaymentsCard } from "@/components/orders/payments-card";
import { QuestionsCard } from "@/components/orders/questions";
import { ResyncButton } from "@/components/orders/resync-button";
import { SidesCard } from "@/components/orders/sides-table";
import { TruthCard, UnreadCard } from "@/components/orders/truth-card";
import { CoverageCard } from "@/components/pairing/coverage-card";
import { PlaceDocumentsCard } from "@/components/pairing/documents-card";
import { PairLinesCard } from "@/components/pairing/lines-card";
import { ConsolePage } from "@/components/shell/console-page";
import { SoftCloseNotice } from "@/components/shell/soft-close-notice";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { Message } from "@/components/ui/message";
import { Timeline } from "@/components/ui/timeline";
import { loadSoftClosed } from "@/lib/close/softclose-view";
import { loadOrder } from "@/lib/orders/loaders";

export async function generateMetadata({ params }: PageProps<"/orders/[orderKey]">): Promise<Metadata> {
  return { title: `Order ${(await loadOrder((await params).orderKey)).name}` };
}

export default async function OrderPage({ params }: PageProps<"/orders/[orderKey]">) {
  const view = await loadOrder((await params).orderKey);
  const { order, entity, rows, may } = view;
  return (
    <ConsolePage
      title={order || view.documents.length === 0 ? `Order ${view.name}` : `ERP document ${view.name}`}
      description={
        order
          ? [
              view.customerNumber !== order.reference && `the customer knows it as ${view.customerNumber}`,
              entity.name,
              order.shop,
              order.shipTo && `to ${order.shipTo}`,
            ]
              .filter(Boolean)
              .join(" · ")
          : `${entity.name} · ${view.unread.length > 0 ? "the order could not be read" : view.coverage.count > 0 ? `sums up ${view.coverage.count} orders` : "no SCAYLE order is known for it"}`
      }
      actions={<ButtonLink href="/orders">Find another order</ButtonLink>}
    >
      {view.unread.map((record) => (
        <Message key={record.id} tone="broken" title="What SCAYLE sent of this order could not be read">
          {may.seeExceptions
            ? `${record.reason}. Until it can, this order counts in no figure. Correct it at its source, then resync the order.`
            : "One of its values is not written as it should be. Until that is corrected, little can be shown of this order here."}
        </Message>
      ))}
      {view.unreadStory ? (
        <UnreadCard story={view.unreadStory} money={view.documents.length > 0 ? view.truth.money : null} />
      ) : (
        (order || view.documents.length > 0) && <TruthCard truth={view.truth} story={view.story} />
      )}
      <CoverageCard coverage={view.coverage} />
      {may.resync && may.seeExceptions && (
        <SoftCloseNotice found={await loadSoftClosed(entity.id, { orderKey: view.orderKey })} />
      )}
      {may.resync && (
        <ResyncButton
          entityId={entity.id}
          orderKey={view.orderKey}
          isStray={!order && view.unread.length === 0}
        />
      )}
      <OrderExceptions exceptions={view.exceptions} maySee={may.seeExceptions} />
      <div className="grid items-start gap-4 xl:grid-cols-2">
        {order && (
          <CustomerCard
            key={view.orderKey}
            entityId={entity.id}
            orderKey={view.orderKey}
            {...view.customer}
            mayReveal={may.reveal}
          />
        )}
        <QuestionsCard
          entityId={entity.id}
          orderKey={view.orderKey}
          questions={view.questions}
          mayAsk={may.ask}
          timeZone={entity.timeZone}
        />
      </div>
      {order && order.content.items.length > 0 && <ItemsCard order={order} />}
      {order && view.settlement && (
        <PaymentsCard order={order} settlement={view.settlement} documents={view.documents} />
      )}
      <SidesCard title="Sale" rows={rows.filter((row) => row.documentKind === "sale")} />
      <SidesCard title="Credit" rows={rows.filter((row) => row.documentKind === "credit")} />
      <DocumentsCard documents={view.documents} timeZone={entity.timeZone} />
      {view.pairing && (
        <>
          <PlaceDocumentsCard view={view.pairing} />
          <PairLinesCard view={view.pairing} lines={view.pairable} />
        </>
      )}
      <div className="grid items-start gap-4 xl:grid-cols-2">
        <Card title="Timeline" description="Both systems and what was done here, newest first">
          {view.timeline.length === 0 ? (
            <p className="text-sm text-soft">Nothing is known to have happened yet.</p>
          ) : (
            <Timeline
              label="What happened to this order"
              timeZone={entity.timeZone}
              items={view.timeline.map((moment) => ({
                id: moment.key,
                at: moment.at,
                title: moment.text,
                by: moment.where,
                body: moment.note,
              }))}
            />
          )}
        </Card>
        {order && (
          <div className="flex flex-col gap-4">
            <OrderFacts order={order} />
            <InvoicesCard order={order} />
          </div>
        )}
      </div>
    </ConsolePage>
  );
}
