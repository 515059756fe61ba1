import { PackageSearch } from "lucide-react";
import type { Metadata, Route } from "next";
import { redirect } from "next/navigation";
import { ChooseOrders } from "@/components/orders/choose-orders";
import { HitsList } from "@/components/orders/hits-list";
import { OrderSearch } from "@/components/orders/order-search";
import { QuestionsList } from "@/components/orders/questions";
import { ConsolePage } from "@/components/shell/console-page";
import { ButtonLink } from "@/components/ui/button";
import { Card } from "@/components/ui/card";
import { EmptyState } from "@/components/ui/empty-state";
import { Message } from "@/components/ui/message";
import { loadOrderSearch } from "@/lib/orders/loaders";

export const metadata: Metadata = { title: "Orders" };

export default async function OrdersPage({ searchParams }: PageProps<"/orders">) {
  const params = await searchParams;
  const { text, tooLong, sole, hits, found, isCut, resyncable, entityNames, questions, answered, timeZone } =
    await loadOrderSearch(params["q"]);
  const [only] = hits;
  // Who presses Enter wants to be there; who is still typing stays.
  if (sole && params["open"] === "only") redirect(`/orders/${sole.orderKey}` as Route);
  // A run is of one entity: what is found in several is chosen in the first of them.
  const [entityId] = resyncable;
  return (
    <ConsolePage title="Orders">
      {answered > 0 && (
        <Message
          tone="agrees"
          title={answered === 1 ? "1 answer to what you asked" : `${answered} answers to what you asked`}
          action={text === "" ? undefined : <ButtonLink href="/orders">Read</ButtonLink>}
        >
          {answered === 1 ? "It came" : "They came"} in the last 24 hours.
        </Message>
      )}
      <OrderSearch text={text} focus={text === ""}>
        {tooLong !== null && (
          <Message tone="attention" title={`At most ${tooLong} characters are looked for.`}>
            Nothing was looked for: leave out what is not a number, a name or an address.
          </Message>
        )}
        {text !== "" && hits.length === 0 && (
          <Card>
            <EmptyState title={`Nothing goes by “${text}”.`} icon={<PackageSearch aria-hidden size={24} />}>
              An order appears here once its feed has been synced. Try another number of it, or the customer’s
              name or e-mail address. SCAYLE’s invoice numbers are known only of orders of which something was
              returned or credited.
            </EmptyState>
          </Card>
        )}
        {hits.length > 0 && (
          <Card
            title={
              only?.closeness === "alike"
                ? `Nothing goes by “${text}”; ${foundWords(hits.length, found, isCut)} that is similar`
                : `${foundWords(hits.length, found, isCut)} for “${text}”`
            }
            {...(only?.closeness === "alike"
              ? { description: "It may be another customer’s: compare it with what you were told" }
              : isCut
                ? { description: "Type more of it to narrow them down" }
                : {})}
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

/** How many of what was found are shown; what was not looked at is not counted, nor called newer or older. */
function foundWords(shown: number, found: number, isCut: boolean): string {
  if (isCut) return `${shown} of many found`;
  return shown < found ? `The newest ${shown} of ${found} found` : `${shown} found`;
}
