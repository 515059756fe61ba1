import { Difference } from "@/components/ui/difference";
import { Message } from "@/components/ui/message";

type Foreseen = Readonly<{
  title: string;
  explanation: string;
  currency: string;
  net: bigint;
  tax: bigint;
  gross: bigint;
}>;

/** What a decision would do to the exceptions of the groups it touches. */
export function ForeseenList({
  preview: { gone, made, kept },
}: Readonly<{
  preview: Readonly<{ gone: readonly Foreseen[]; made: readonly Foreseen[]; kept: readonly Foreseen[] }>;
}>) {
  return (
    <div className="flex flex-col gap-2">
      {gone.length > 0 && (
        <Message tone="agrees" live title="This would be resolved">
          <Items items={gone} />
        </Message>
      )}
      {made.length > 0 && (
        <Message tone="attention" live title="This would be left to act on or to know">
          <Items items={made} />
        </Message>
      )}
      {kept.length > 0 && (
        <Message live title="This would stay as it is">
          <Items items={kept} />
        </Message>
      )}
      {gone.length + made.length + kept.length === 0 && (
        <Message tone="agrees" live title="Both sides would agree, as they do now" />
      )}
    </div>
  );
}

function Items({ items }: Readonly<{ items: readonly Foreseen[] }>) {
  return (
    <ul className="list-inside list-disc">
      {items.map((item) => (
        <li key={`${item.title} ${item.explanation}`}>
          <span className="font-medium">{item.title}</span>{" "}
          <Difference net={item.net} tax={item.tax} gross={item.gross} currency={item.currency} />:{" "}
          {item.explanation}
        </li>
      ))}
    </ul>
  );
}
