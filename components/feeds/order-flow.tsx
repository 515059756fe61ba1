import type { Route } from "next";
import Link from "next/link";
import { Card } from "@/components/ui/card";
import { Table, Td, Th } from "@/components/ui/table";
import { type TransitionCode, transitionOf } from "@/lib/domain/status/transitions";
import type { FlowView } from "@/lib/sync/loaders";

type Flow = FlowView["flow"]["today"];

const whole = (count: number): string => count.toLocaleString("en");

/** The steps of an order, what has come to each, and which transitions stand still before it. */
const STEPS: readonly Readonly<{
  name: string;
  countOf: (flow: Flow) => number;
  noteOf?: (flow: Flow) => string | null;
  before: readonly TransitionCode[];
}>[] = [
  {
    name: "Placed",
    countOf: (flow) => flow.placed - flow.cancelled,
    noteOf: ({ cancelled }) => (cancelled > 0 ? `and ${whole(cancelled)} cancelled` : null),
    before: [],
  },
  {
    name: "Confirmed",
    countOf: (flow) => flow.confirmed,
    noteOf: unconfirmed,
    before: [],
  },
  { name: "Passed on", countOf: (flow) => flow.passedOn, before: ["delegate"] },
  { name: "Shipped", countOf: (flow) => flow.shipped, before: ["ship", "ship-rest", "tell-shipment"] },
  { name: "In the ERP", countOf: (flow) => flow.posted, before: ["post"] },
  {
    name: "Agree",
    countOf: (flow) => flow.agree,
    noteOf: ({ differing }) => (differing > 0 ? `${whole(differing)} more have something to act on` : null),
    before: [],
  },
];

function unconfirmed({ placed, cancelled, confirmed, unconfirmedStates }: Flow): string | null {
  const left = placed - cancelled - confirmed;
  if (left === 0) return null;
  const states = unconfirmedStates
    .map((state) => state.replace(/^order_/, "").replaceAll("_", " "))
    .join(", ");
  return `${whole(left)} ${left === 1 ? "is" : "are"} not confirmed yet by SCAYLE${states ? ` (${states})` : ""}`;
}

/** How far the orders of today and of the last days have come, and all that stands still now at each step, however old. */
export function OrderFlowCard({ view: { flow, stuck, shops, entityId } }: Readonly<{ view: FlowView }>) {
  const shown = new Set(STEPS.flatMap((step) => step.before));
  const further = stuck.filter((one) => !shown.has(one.code));
  const all = stuck.reduce((sum, one) => sum + one.count, 0);
  const entity = encodeURIComponent(entityId);
  return (
    <Card
      title="Order flow"
      description={`From SCAYLE into the ERP: orders placed today and in the last ${flow.days} days, and what is stuck now, whenever it was placed`}
      flush
    >
      <Table caption="Order flow" stacked>
        <thead>
          <tr>
            <Th>Step</Th>
            <Th align="end">Today</Th>
            <Th align="end">Last {flow.days} days</Th>
            <Th>Stuck before it now, of any age</Th>
          </tr>
        </thead>
        <tbody>
          {STEPS.map((step) => (
            <tr key={step.name}>
              <th scope="row" className="h-(--row) border-line border-b px-3 py-1 text-left font-medium">
                {step.name}
                {step.noteOf?.(flow.week) && (
                  <span className="block font-normal text-soft text-xs">
                    {flow.days} days: {step.noteOf(flow.week)}
                  </span>
                )}
              </th>
              <Td align="end" label="Today">
                {whole(step.countOf(flow.today))}
              </Td>
              <Td align="end" label={`Last ${flow.days} days`}>
                <Share count={step.countOf(flow.week)} of={flow.week.placed - flow.week.cancelled} />
              </Td>
              <Td label="Stuck before it now">
                {step.before.length === 0 ? (
                  <span className="text-soft">–</span>
                ) : (
                  <StuckList
                    stuck={stuck.filter((one) => step.before.includes(one.code))}
                    entityId={entityId}
                    namesShop={shops > 1}
                  />
                )}
              </Td>
            </tr>
          ))}
        </tbody>
      </Table>
      <div className="flex flex-col gap-1 px-3 py-3 text-sm">
        {further.length > 0 && (
          <div>
            <p className="text-soft">Stuck after that:</p>
            <StuckList stuck={further} entityId={entityId} namesShop={shops > 1} />
          </div>
        )}
        <p>
          <Link href={`/feeds/status?entity=${entity}` as Route} className="underline underline-offset-2">
            {all === 0
              ? "Nothing is stuck"
              : `${whole(all)} ${all === 1 ? "step is" : "steps are"} stuck in all`}
            : how long each step takes
          </Link>
          {" · "}
          <Link
            href={`/exceptions?entity=${entity}&sort=age` as Route}
            className="underline underline-offset-2"
          >
            What there is to act on
          </Link>
        </p>
      </div>
    </Card>
  );
}

/** A count with its share of all as a bar. */
function Share({ count, of }: Readonly<{ count: number; of: number }>) {
  return (
    <span className="flex items-center justify-end gap-2">
      <span aria-hidden className="h-2 w-24 overflow-hidden rounded bg-sunken max-xl:hidden">
        <span
          className="block h-full rounded bg-(--chart-total)"
          style={{ width: `${of === 0 ? 0 : Math.round((100 * count) / of)}%` }}
        />
      </span>
      <span className="figures">{whole(count)}</span>
    </span>
  );
}

function StuckList({
  stuck,
  entityId,
  namesShop,
}: Readonly<{ stuck: FlowView["stuck"]; entityId: string; namesShop: boolean }>) {
  if (stuck.length === 0) return <span className="text-soft">none</span>;
  return (
    <ul className="flex flex-col gap-0.5">
      {stuck.map(({ code, shopId, shop, count }) => (
        <li key={`${code} ${shopId}`}>
          <Link
            href={
              `/feeds/status?entity=${encodeURIComponent(entityId)}&shop=${encodeURIComponent(shopId)}&step=${code}&as=stuck#orders` as Route
            }
            className="underline underline-offset-2"
          >
            {whole(count)} {namesShop && `in ${shop} `}stuck: {transitionOf(code).missing}
          </Link>
        </li>
      ))}
    </ul>
  );
}
