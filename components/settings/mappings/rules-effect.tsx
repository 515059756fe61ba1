import { Amount } from "@/components/ui/amount";
import { Message } from "@/components/ui/message";
import { Table, Td, Th } from "@/components/ui/table";
import type { RulesPreview } from "@/lib/pairing/rules-preview";
import { OrderLink } from "./order-link";

/** What reference rules would do: documents won and lost, examples, and orders that would share a form. */
export function RulesEffect({ preview }: Readonly<{ preview: RulesPreview }>) {
  const { won, wonGross, lost, ambiguous, collisions, collisionExamples, examples } = preview;
  return (
    <div className="flex flex-col gap-2">
      <Message tone={won > 0 ? "agrees" : "neutral"} live title={`${documents(won)} would find an order`}>
        {wonGross.map((sum) => (
          <span key={sum.currency} className="mr-3">
            <Amount minor={sum.gross} currency={sum.currency} withCurrency />
          </span>
        ))}
      </Message>
      {lost > 0 && (
        <Message tone="attention" title={`${documents(lost)} would lose the order that rules gave them`} />
      )}
      {ambiguous > 0 && (
        <Message tone="attention" title={`${documents(ambiguous)} would mean several orders, and get none`} />
      )}
      {collisions > 0 && (
        <Message
          tone="attention"
          title={`${collisions} normalised ${collisions === 1 ? "reference" : "references"} would be shared by several orders, and name none of them`}
        >
          <ul className="list-inside list-disc">
            {collisionExamples.map((one) => (
              <li key={one.form}>
                {one.form}: {one.orders.join(", ")}
              </li>
            ))}
          </ul>
        </Message>
      )}
      {examples.length > 0 && (
        <Table caption="Examples of documents that would find their order" showCaption>
          <thead>
            <tr>
              <Th>Document</Th>
              <Th>Its reference</Th>
              <Th>Order</Th>
            </tr>
          </thead>
          <tbody>
            {examples.map((one) => (
              <tr key={`${one.number} ${one.order}`}>
                <Td>{one.number}</Td>
                <Td>{one.reference}</Td>
                <Td>
                  <OrderLink order={one.order} />
                </Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </div>
  );
}

const documents = (count: number): string => (count === 1 ? "1 document" : `${count} documents`);
