"use client";

import type { Route } from "next";
import Link from "next/link";
import { Fragment } from "react";
import { Badge } from "@/components/ui/badge";
import { Instant } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";
import type { Tone } from "@/components/ui/tone";
import type { StockItemRow } from "@/lib/stock/data";

const states: Readonly<Record<string, readonly [Tone, string]>> = {
  agrees: ["agrees", "Agrees"],
  "in-flight": ["explained", "In flight"],
  drifting: ["attention", "Drifts"],
  waiting: ["neutral", "Orders not read yet"],
  unknown: ["neutral", "Not in the ERP"],
};

function State({ row }: Readonly<{ row: StockItemRow }>) {
  const [tone, word] = states[row.state] ?? ["neutral", row.state];
  if (row.state !== "drifting") return <Badge tone={tone}>{word}</Badge>;
  const isMore = !row.drift.startsWith("-");
  return (
    <Badge tone={isMore ? "broken" : tone}>
      {row.drift.replace("-", "")} too {isMore ? "many" : "few"}
    </Badge>
  );
}

/** How it stands, as of when where newer readings wait, and until when a push of it is in vain. */
function Standing({ row, timeZone }: Readonly<{ row: StockItemRow; timeZone: string }>) {
  return (
    <span>
      <State row={row} />
      {row.isAtWork && <span className="ml-1 text-soft text-xs">being pushed</span>}
      {row.awaitsOrdersUntil && row.state !== "waiting" && (
        <span className="block text-soft text-xs">
          as of <Instant at={row.judgedAt} timeZone={timeZone} />
        </span>
      )}
      {row.exceptionId !== null && row.ignoredUntil && (
        <span className="block text-attention text-xs">
          SCAYLE ignores pushes until <Instant at={row.ignoredUntil} timeZone={timeZone} />
        </span>
      )}
    </span>
  );
}

const promisedBy = (row: StockItemRow): string =>
  row.promisedStated ? "as the ERP states it" : "by SCAYLE’s orders";

const pieces = (quantity: string): string => `${quantity} ${quantity === "1" ? "piece" : "pieces"}`;

/** Items with what each side has of them. Where they can be pushed, those that drift can be chosen by checkboxes named `chosen`. */
export function StockTable({
  rows,
  timeZone,
  choosing,
}: Readonly<{ rows: readonly StockItemRow[]; timeZone: string; choosing: boolean }>) {
  return (
    <Table caption="Stock of both sides" stacked>
      <thead>
        <tr>
          {choosing && (
            <Th>
              <span className="sr-only">Choose</span>
            </Th>
          )}
          <Th>Item</Th>
          <Th align="end">ERP on hand</Th>
          <Th align="end">Promised</Th>
          <Th align="end">May be sold</Th>
          <Th align="end">SCAYLE sells</Th>
          <Th>Standing</Th>
          <Th align="end">At risk</Th>
          <Th align="end">ERP as of</Th>
          <Th align="end">SCAYLE as of</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Fragment key={row.itemKey}>
            <tr className="max-md:border-b-0! max-md:pb-0! [&>:is(td,th)]:border-b-0">
              {choosing && (
                <Td>
                  {row.exceptionId !== null && !row.isAtWork && row.ignoredUntil === null && (
                    <input
                      type="checkbox"
                      name="chosen"
                      value={row.exceptionId}
                      aria-label={`Choose ${row.itemKey}`}
                      className="size-[16px] max-md:size-[24px]"
                    />
                  )}
                </Td>
              )}
              <th scope="row" className="h-(--row) px-3 py-1 text-left font-medium">
                {row.exceptionId ? (
                  <Link
                    href={`/exceptions/${row.exceptionId}` as Route}
                    className="underline decoration-line-strong underline-offset-4"
                  >
                    {row.itemKey}
                  </Link>
                ) : (
                  row.itemKey
                )}
                {row.name && <span className="block font-normal text-soft text-xs">{row.name}</span>}
              </th>
              <Td align="end" className="max-md:hidden!">
                {row.onHand ?? "unknown"}
              </Td>
              <Td align="end" className="max-md:hidden!">
                {row.promised}
                <span className="block text-soft text-xs">{promisedBy(row)}</span>
              </Td>
              <Td align="end" label="May be sold">
                {row.low === null ? "unknown" : row.low === row.high ? row.low : `${row.low}–${row.high}`}
              </Td>
              <Td align="end" label="SCAYLE sells">
                {row.sellable}
              </Td>
              <Td label="Standing">
                <Standing row={row} timeZone={timeZone} />
              </Td>
              <Td
                align="end"
                {...(row.atRisk === "0" ? { className: "max-md:hidden!" } : { label: "At risk" })}
              >
                {row.atRisk === "0" ? (
                  <span className="text-soft">{row.withoutStock ? "sold without stock" : "none"}</span>
                ) : (
                  <span>
                    {pieces(row.atRisk)}
                    {row.orders > 0 && (
                      <span className="block text-soft text-xs">
                        {row.orders} {row.orders === 1 ? "order waits" : "orders wait"}
                      </span>
                    )}
                  </span>
                )}
              </Td>
              <Td align="end" className="whitespace-nowrap max-md:hidden!">
                {row.erpAt ? <Instant at={row.erpAt} timeZone={timeZone} /> : "never"}
              </Td>
              <Td align="end" className="whitespace-nowrap max-md:hidden!">
                <Instant at={row.scayleAt} timeZone={timeZone} />
              </Td>
            </tr>
            <tr>
              <Td colSpan={choosing ? 10 : 9} className="pt-0 max-md:h-auto">
                <details>
                  <summary className="cursor-pointer text-soft text-xs">
                    Why, and each warehouse<span className="sr-only"> of {row.itemKey}</span>
                  </summary>
                  <Details row={row} timeZone={timeZone} />
                </details>
              </Td>
            </tr>
          </Fragment>
        ))}
      </tbody>
    </Table>
  );
}

function Details({ row, timeZone }: Readonly<{ row: StockItemRow; timeZone: string }>) {
  return (
    <div className="flex max-w-prose flex-col gap-2 py-2">
      <p>{row.explanation}</p>
      {row.awaitsOrdersUntil && row.state !== "waiting" && (
        <p>
          This is as of <Instant at={row.judgedAt} timeZone={timeZone} seconds />. Newer readings wait until
          SCAYLE’s orders are known up to <Instant at={row.awaitsOrdersUntil} timeZone={timeZone} seconds />.
        </p>
      )}
      {row.ignoredUntil && (
        <p>
          SCAYLE goes by an update that is stamped with{" "}
          <Instant at={row.ignoredUntil} timeZone={timeZone} seconds />, a time still to come, and ignores
          every update with an earlier stamp. It is left out of pushes until then; before, its stock can be
          put right only in the SCAYLE panel. The system that sent it has a wrong clock, or stamps a time of
          its own.
        </p>
      )}
      <p className="md:hidden">
        On hand in the ERP: {row.onHand ?? "unknown"}, promised: {row.promised} ({promisedBy(row)}). The ERP
        as of {row.erpAt ? <Instant at={row.erpAt} timeZone={timeZone} /> : "never"}, SCAYLE as of{" "}
        <Instant at={row.scayleAt} timeZone={timeZone} />.
      </p>
      {row.inFlight.length > 0 && (
        <ul className="list-disc pl-5">
          {row.inFlight.map(({ why, up, down }) => (
            <li key={why}>
              In flight, {why}:{" "}
              {[up !== "0" && `up to ${up} more`, down !== "0" && `up to ${down} fewer`]
                .filter(Boolean)
                .join(", ")}
            </li>
          ))}
        </ul>
      )}
      <ul className="list-disc pl-5">
        {row.levels.map((level) => (
          <li key={`${level.warehouse} ${level.merchant}`}>
            SCAYLE, {level.warehouse === "" ? "no warehouse named" : level.warehouse}
            {level.merchant && ` (${level.merchant})`}: {level.quantity}
            {level.withoutStock && ", also without stock"}
            {level.changedAt && (
              <>
                , by the update stamped <Instant at={new Date(level.changedAt)} timeZone={timeZone} />
              </>
            )}
            {!level.isOwn && <span className="text-soft">; not of this entity, and not counted</span>}
          </li>
        ))}
      </ul>
      <p className="text-soft text-xs">
        {row.promisedStated
          ? "What is promised is as the ERP states it."
          : "The ERP states no reserved quantity of it: what is promised is counted from SCAYLE’s orders, confirmed, and not shipped or cancelled at the ERP’s snapshot."}
      </p>
    </div>
  );
}
