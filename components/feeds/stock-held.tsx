import { EmptyState } from "@/components/ui/empty-state";
import { Facts } from "@/components/ui/facts";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { StockHeld } from "@/lib/sync/data-stock";

const measures: Readonly<Record<string, string>> = {
  sellable: "May be sold",
  "on-hand": "On hand",
  reserved: "Promised",
};

/** What a stock feed holds: how many items, how fresh, and the levels that changed last. */
export function StockHeldFacts({ held, timeZone }: Readonly<{ held: StockHeld; timeZone: string }>) {
  const count = (number: number): string => number.toLocaleString("en");
  return (
    <Facts
      items={[
        { label: "Items with a level", value: count(held.items) },
        { label: "Items still to be asked for", value: count(held.unread) },
        { label: "Items that their system has no more", value: count(held.gone) },
        { label: "Changes of the last 24 hours", value: count(held.readings) },
        {
          label: "Last change",
          value: held.newest ? <Instant at={held.newest} timeZone={timeZone} /> : "none yet",
        },
      ]}
    />
  );
}

/** The levels that changed last, newest first. */
export function StockLevels({ held, timeZone }: Readonly<{ held: StockHeld; timeZone: string }>) {
  if (held.levels.length === 0)
    return (
      <EmptyState title="No stock is known yet.">
        Items appear here once their system has been asked: those that an order or an event named, or all that
        it lists.
      </EmptyState>
    );
  return (
    <Table caption="Stock levels that changed last" stacked>
      <thead>
        <tr>
          <Th>Item</Th>
          <Th>Warehouse</Th>
          <Th>Counts what</Th>
          <Th align="end">Quantity</Th>
          <Th>So since</Th>
          <Th>Confirmed at</Th>
        </tr>
      </thead>
      <tbody>
        {held.levels.map((level) => (
          <tr key={[level.itemKey, level.warehouse, level.merchant, level.measure].join(" ")}>
            <th
              scope="row"
              className="h-(--row) whitespace-nowrap border-line border-b px-3 py-1 text-left font-medium"
            >
              {level.itemKey}
            </th>
            <Td className="whitespace-nowrap" label="Warehouse">
              <span>
                {level.warehouse === "" ? "all together" : level.warehouse}
                {level.merchant !== "" && <span className="text-soft"> · {level.merchant}</span>}
              </span>
            </Td>
            <Td className="whitespace-nowrap" label="Counts what">
              <span>
                {measures[level.measure] ?? level.measure}
                {level.withoutStock === true && <span className="text-soft">, also without stock</span>}
              </span>
            </Td>
            <Td align="end" label="Quantity">
              {level.quantity}
            </Td>
            <Td label="So since">
              <Instant at={level.since} timeZone={timeZone} />
            </Td>
            <Td label="Confirmed at">
              {level.confirmedAt ? <Instant at={level.confirmedAt} timeZone={timeZone} /> : "not yet"}
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
