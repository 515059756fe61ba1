import { Card } from "@/components/ui/card";
import { Instant } from "@/components/ui/instant";
import { Payload } from "@/components/ui/payload";
import type { ExceptionPayloads } from "@/lib/exceptions/loaders";

const WORDS: Readonly<Record<string, string>> = {
  orders: "Order",
  invoices: "Invoice list",
  "ledger-documents": "Document",
};

/** What both systems sent of this order last, as it came. */
export function Payloads({
  payloads,
  timeZone,
}: Readonly<{ payloads: ExceptionPayloads; timeZone: string }>) {
  return (
    <Card
      id="payloads"
      title="Payloads"
      description="As they were received last. Personal data is taken out when they come in, and not shown to anybody here"
    >
      {payloads.length === 0 ? (
        <p className="text-sm text-soft">
          None is kept by itself: what came with a file is kept with the whole file, under Feeds.
        </p>
      ) : (
        <ul className="flex flex-col gap-3 text-sm">
          {payloads.map((one) => (
            <li key={one.id} className="min-w-0">
              <Payload
                title={`${one.system}: ${(WORDS[one.resource] ?? one.resource).toLowerCase()} ${one.name}`}
                payload={one.payload}
              />
              <p className="text-soft text-xs">
                received <Instant at={one.receivedAt} timeZone={timeZone} />
                {one.reason !== null && `; it can’t be read: ${one.reason}`}
              </p>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
