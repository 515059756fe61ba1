import { PackageSearch } from "lucide-react";
import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { ChooseOrders } from "@/components/orders/choose-orders";
import { HitsList } from "@/components/orders/hits-list";
import { OrderSearch } from "@/components/orders/order-search";
import { QuestionsList } from "@/components/orders/questions";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { loadOrderSearch } from "@/lib/orders/loaders";

export const metadata: Metadata = { title: "Orders" };

export default async function OrdersPage({ searchParams }: PageProps<"/orders">) {
  const params = await searchParams;
  const { text, hits, most, resyncable, entityNames, questions, timeZone } = await loadOrderSearch(
    params["q"],
  );
  const [only] = hits;
  // Who presses Enter wants to be there; who is still typing stays.
  if (only && hits.length === 1 && params["open"] === "only") redirect(`/orders/${only.orderKey}` as Route);
  // A run is of one entity: what is found in several is chosen in the first of them.
  const [entityId] = resyncable;
  return (
    <ConsolePage title="Orders">
      <OrderSearch text={text} focus={text === ""}>
        {text !== "" && hits.length === 0 && (
          <Card>
            <EmptyState title={`Nothing goes by “${text}”.`} icon={<PackageSearch aria-hidden size={24} />}>
              An order appears here once its feed has been synced. Try another number of it, or the customer’s
              name or e-mail address.
            </EmptyState>
          </Card>
        )}
        {hits.length > 0 && (
          <Card
            title={`${hits.length === most ? `The newest ${most} of those found` : `${hits.length} found`} for “${text}”`}
            flush
          >
            {entityId === undefined ? (
              <HitsList hits={hits} />
            ) : (
              <ChooseOrders
                key={text}
                entityId={entityId}
                shown={hits.filter((hit) => hit.entityId === entityId).length}
                among={
                  hits.every((hit) => hit.entityId === entityId)
                    ? undefined
                    : (entityNames.get(entityId) ?? entityId)
                }
              >
                <HitsList hits={hits} choosable={[entityId]} resyncable={resyncable} />
              </ChooseOrders>
            )}
          </Card>
        )}
      </OrderSearch>
      {text === "" && questions.length > 0 && (
        <Card title="What you asked" description="Open, and answered in the last two weeks">
          <QuestionsList label="What you asked" questions={questions} timeZone={timeZone} withOrder />
        </Card>
      )}
    </ConsolePage>
  );
}
