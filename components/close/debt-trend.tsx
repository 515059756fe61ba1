"use client";

import { Bar, BarChart, Legend, XAxis, YAxis } from "recharts";
import { Amount, amountText } from "@/components/ui/amount";
import { axisText, ChartFrame, chartColours } from "@/components/ui/chart-frame";
import { Table, Td, Th } from "@/components/ui/table";
import type { TrendRow } from "@/lib/close/debt";
import { type Month, monthName } from "@/lib/domain/day";
import { chartScale } from "@/lib/domain/money";

/** How many causes have a part of their own in each bar. */
const PARTS = 4;
const OTHERS = "Others";
const fills = [
  chartColours.attention,
  chartColours.explained,
  chartColours.broken,
  chartColours.agrees,
  chartColours.total,
];

/** What was or is open, month by month, in one currency: the largest causes apart, the others together. */
export function DebtTrend({
  rows,
  months,
  currency,
  titles,
  label,
}: Readonly<{
  rows: readonly TrendRow[];
  /** oldest first; those without anything have an empty place */
  months: readonly Month[];
  currency: string;
  titles: Readonly<Record<string, string>>;
  label: string;
}>) {
  const sums = new Map<string, bigint>();
  for (const { cause, extent } of rows) sums.set(cause, (sums.get(cause) ?? 0n) + extent);
  const bySize = [...sums].sort(([, a], [, b]) => (a < b ? 1 : a > b ? -1 : 0)).map(([cause]) => cause);
  const own = bySize.slice(0, PARTS);
  const nameOf = (cause: string) => titles[cause] ?? cause;
  const names = [...own.map(nameOf), ...(bySize.length > PARTS ? [OTHERS] : [])];
  const partOf = (month: Month, name: string) =>
    rows
      .filter((row) => row.month === month && (own.includes(row.cause) ? nameOf(row.cause) : OTHERS) === name)
      .reduce((all, row) => ({ count: all.count + row.count, extent: all.extent + row.extent }), {
        count: 0,
        extent: 0n,
      });
  const places = months.map((month) => ({
    month,
    label: monthName(month).replace(/^(\w{3})\w* (\d{4})$/, "$1 $2"),
    parts: names.map((name) => partOf(month, name)),
  }));
  return (
    <ChartFrame
      label={label}
      height={240}
      table={
        <Table caption={label}>
          <thead>
            <tr>
              <Th>Month</Th>
              {names.map((name) => (
                <Th key={name} align="end">
                  {name}
                </Th>
              ))}
              <Th align="end">Exceptions</Th>
              <Th align="end">All, {currency}</Th>
            </tr>
          </thead>
          <tbody>
            {places.map(({ month, parts }) => (
              <TotalOfMonth key={month} month={month} parts={parts} names={names} currency={currency} />
            ))}
          </tbody>
        </Table>
      }
    >
      <BarChart
        data={places.map(({ label: place, parts }) => ({
          place,
          ...Object.fromEntries(
            names.map((name, at) => [name, chartScale(parts[at]?.extent ?? 0n, currency)]),
          ),
        }))}
        margin={{ top: 8, right: 8, bottom: 0, left: 8 }}
      >
        <XAxis dataKey="place" tick={axisText} tickLine={false} axisLine={{ stroke: chartColours.line }} />
        <YAxis
          tick={axisText}
          tickLine={false}
          axisLine={false}
          width={64}
          tickFormatter={(value: number) => value.toLocaleString("en", { maximumFractionDigits: 0 })}
        />
        <Legend wrapperStyle={{ fontSize: 12 }} />
        {names.map((name, at) => (
          <Bar
            key={name}
            dataKey={name}
            stackId="debt"
            fill={fills[at] ?? chartColours.total}
            stroke="var(--surface)"
            isAnimationActive={false}
            maxBarSize={48}
          />
        ))}
      </BarChart>
    </ChartFrame>
  );
}

function TotalOfMonth({
  month,
  parts,
  names,
  currency,
}: Readonly<{
  month: Month;
  parts: readonly Readonly<{ count: number; extent: bigint }>[];
  names: readonly string[];
  currency: string;
}>) {
  const extent = parts.reduce((all, part) => all + part.extent, 0n);
  const count = parts.reduce((all, part) => all + part.count, 0);
  return (
    <tr className={count === 0 ? "text-soft" : undefined}>
      <Td>{monthName(month)}</Td>
      {names.map((name, at) => (
        <Td key={name} align="end">
          {amountText(parts[at]?.extent ?? 0n, currency)}
        </Td>
      ))}
      <Td align="end">{count.toLocaleString("en")}</Td>
      <Td align="end">
        <Amount minor={extent} currency={currency} />
      </Td>
    </tr>
  );
}
