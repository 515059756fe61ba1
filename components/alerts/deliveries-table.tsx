import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import type { AlertSettingsView } from "@/lib/alerts/loaders";
import { SendAgainButton } from "./test-button";

type Delivery = AlertSettingsView["deliveries"][number];

const looks: Readonly<Record<string, readonly [Tone, string]>> = {
  waiting: ["neutral", "Waiting"],
  sent: ["agrees", "Sent"],
  failed: ["broken", "Failed"],
  dropped: ["attention", "Not sent"],
};

/** What was sent to whom, and what came of it; what failed can be sent again. */
export function DeliveriesTable({
  deliveries,
  timeZone,
}: Readonly<{ deliveries: readonly Delivery[]; timeZone: string }>) {
  if (deliveries.length === 0) return <p className="p-4 text-sm text-soft">Nothing was sent yet.</p>;
  return (
    <Table caption="Deliveries" stacked>
      <thead>
        <tr>
          <Th>What</Th>
          <Th>To</Th>
          <Th>Noted</Th>
          <Th>State</Th>
          <Th>What was answered</Th>
          <Th>
            <span className="sr-only">Action</span>
          </Th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((one) => (
          <tr key={one.id}>
            <th
              scope="row"
              className="h-(--row) min-w-48 border-line border-b px-3 py-1.5 text-left font-medium"
            >
              {whatOf(one)}
              {one.together > 0 && (
                <span className="block font-normal text-soft text-xs">
                  in one e-mail with {one.together === 1 ? "another" : `${one.together} others`}
                </span>
              )}
            </th>
            <Td label="To" className="break-all">
              {one.to}
            </Td>
            <Td label="Noted">
              <Instant at={one.madeAt} timeZone={timeZone} />
            </Td>
            <Td label="State">
              <State delivery={one} timeZone={timeZone} />
            </Td>
            <Td label="What was answered" className="break-words">
              {one.outcome ?? "–"}
            </Td>
            <Td align="end">
              {(one.state === "failed" || one.state === "dropped") && (
                <SendAgainButton id={one.id} to={one.to} />
              )}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}

const whatOf = ({ event, title }: Delivery): string =>
  title === null ? "A test" : event === "closed" ? `Closed: ${title}` : title;

function State({ delivery, timeZone }: Readonly<{ delivery: Delivery; timeZone: string }>) {
  const { state, tries, nextAt } = delivery;
  const [tone, word] = looks[state] ?? (["neutral", state] as const);
  return (
    <span className="flex flex-col items-start gap-0.5 max-md:items-end">
      <Badge tone={tone}>{word}</Badge>
      {state === "waiting" && tries > 0 && nextAt && (
        <span className="text-soft text-xs">
          tried {tries === 1 ? "once" : `${tries} times`}, again <Instant at={nextAt} timeZone={timeZone} />
        </span>
      )}
    </span>
  );
}
