import { PackageSearch } from "lucide-react";
import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { ChooseOrders } from "@/components/orders/choose-orders";
import { HitsList } from "@/components/orders/hits-list";
import { OrderSearch } from "@/components/orders/order-search";
import { ConsolePage } from "@/components/shell/console-page";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { loadOrderSearch } from "@/lib/orders/loaders";

export const metadata: Metadata = { title: "Orders" };

export default async function OrdersPage({ searchParams }: PageProps<"/orders">) {
  const { text, hits, most, resyncable } = await loadOrderSearch((await searchParams)["q"]);
  const [only] = hits;
  if (only && hits.length === 1) redirect(`/orders/${only.orderKey}` as Route);
  // A run is of one entity: what is found in several is chosen in the first of them.
  const [entityId] = resyncable;
  return (
    <ConsolePage title="Orders">
      <OrderSearch text={text} focus={text === ""} />
      <div aria-live="polite">
        {text !== "" && hits.length === 0 && (
          <Card>
            <EmptyState title={`Nothing goes by “${text}”.`} icon={<PackageSearch aria-hidden size={24} />}>
              An order appears here once its feed has been synced. Check for typing errors, or try the ERP’s
              document number.
            </EmptyState>
          </Card>
        )}
        {hits.length > 0 && (
          <Card
            title={hits.length === most ? `The newest ${most} of those found` : `${hits.length} found`}
            flush
          >
            {entityId === undefined ? (
              <HitsList hits={hits} />
            ) : (
              <ChooseOrders
                key={text}
                entityId={entityId}
                shown={hits.filter((hit) => hit.entityId === entityId).length}
              >
                <HitsList hits={hits} choosable={[entityId]} resyncable={resyncable} />
              </ChooseOrders>
            )}
          </Card>
        )}
      </div>
    </ConsolePage>
  );
}
