import { Message } from "@/components/ui/message";

/** What reading an order again answers. */
export type Resynced = Readonly<{
  orderKey: string;
  changes: readonly string[];
  problems: readonly string[];
  joined: boolean;
}>;

/** What came of it, in a sentence. */
export function resyncSentence({ changes, joined }: Resynced): string {
  if (joined) return "Somebody read it again at the same moment; the page shows what came of it.";
  return changes.length === 0 ? "Read again: nothing changed." : `Read again: ${countOf(changes.length)}.`;
}

const countOf = (count: number): string => (count === 1 ? "1 change" : `${count} changes`);

/** What a resync changed, from before to after, and what could not be read. */
export function ResyncOutcome({ outcome: { changes, problems, joined } }: Readonly<{ outcome: Resynced }>) {
  if (joined) return <Message tone="explained" live title="Somebody read it again at the same moment" />;
  return (
    <>
      {problems.length > 0 && (
        <Message tone="broken" live title="Not everything could be read">
          <List items={problems} />
        </Message>
      )}
      {changes.length === 0 ? (
        <Message tone="agrees" live title="Nothing changed" />
      ) : (
        <Message tone="explained" live title="What changed">
          <List items={changes} />
        </Message>
      )}
    </>
  );
}

function List({ items }: Readonly<{ items: readonly string[] }>) {
  return (
    <ul className="list-inside list-disc">
      {items.map((item) => (
        <li key={item}>{item}</li>
      ))}
    </ul>
  );
}
