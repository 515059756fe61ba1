"use client";

import type { Route } from "next";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { Bar, BarChart, Cell, LabelList, ReferenceLine, XAxis, YAxis } from "recharts";
import { Amount, amountText } from "@/components/ui/amount";
import { axisText, ChartFrame, chartColours } from "@/components/ui/chart-frame";
import { Table, Td, Th } from "@/components/ui/table";
import type { BridgeBar } from "@/lib/close/bridge";
import { chartScale } from "@/lib/domain/money";

/** A bar with its name and the address of its rows. */
export type NamedBar = BridgeBar & Readonly<{ label: string; href: string }>;

const colourOf = (bar: BridgeBar): string => {
  if (bar.kind === "total") return chartColours.total;
  return bar.kind === "unexplained" ? chartColours.attention : chartColours.explained;
};

/** Where a step leads: to the left where the ERP has less, to the right where it has more. */
const wayOf = ({ amount }: BridgeBar): string => (amount === 0n ? "" : amount > 0n ? "◂" : "▸");

/** What a step that raises the way to the ERP's total is filled with: not by its colour alone. */
const patternOf = (bar: BridgeBar): string =>
  bar.kind === "unexplained" ? "more-unexplained" : "more-explained";

/** The bridge from SCAYLE's total to the ERP's, each step SCAYLE − ERP. The axis begins near the totals, so that small causes can be seen. */
export function BridgeChart({
  bars,
  currency,
  figure,
}: Readonly<{
  bars: readonly NamedBar[];
  currency: string;
  /** which amounts it is of: "Gross" */
  figure: string;
}>) {
  const router = useRouter();
  const [low, high] = rangeOf(bars, currency);
  const rows = bars.map((bar) => {
    const [from, to] = [chartScale(bar.from, currency), chartScale(bar.to, currency)];
    const isTotal = bar.kind === "total";
    return {
      key: bar.key,
      href: bar.href,
      label: bar.label,
      span: isTotal ? [low, to] : [Math.min(from, to), Math.max(from, to)],
      text: isTotal
        ? amountText(bar.amount, currency)
        : `${amountText(bar.amount, currency, true)} ${wayOf(bar)}`,
      fill: isTotal || bar.amount >= 0n ? colourOf(bar) : `url(#${patternOf(bar)})`,
      stroke: isTotal ? undefined : colourOf(bar),
    };
  });
  return (
    <ChartFrame
      label={`Bridge from SCAYLE to the ERP in ${currency}`}
      height={rows.length * 28 + 12}
      table={<BridgeTable bars={bars} currency={currency} figure={figure} />}
    >
      <BarChart
        data={rows}
        layout="vertical"
        margin={{ top: 4, right: 112, bottom: 4, left: 0 }}
        barCategoryGap={6}
        maxBarSize={18}
      >
        <defs>
          {(["explained", "unexplained"] as const).map((kind) => (
            <pattern
              key={kind}
              id={`more-${kind}`}
              width={6}
              height={6}
              patternUnits="userSpaceOnUse"
              patternTransform="rotate(45)"
            >
              <rect width={6} height={6} fill="var(--surface)" />
              <rect
                width={3}
                height={6}
                fill={kind === "unexplained" ? chartColours.attention : chartColours.explained}
              />
            </pattern>
          ))}
        </defs>
        <XAxis type="number" domain={[low, high]} hide allowDataOverflow />
        <YAxis
          type="category"
          dataKey="label"
          width={148}
          tick={axisText}
          tickLine={false}
          axisLine={false}
          interval={0}
        />
        <ReferenceLine x={low} stroke={chartColours.line} />
        <Bar
          dataKey="span"
          isAnimationActive={false}
          minPointSize={2}
          cursor="pointer"
          onClick={(_, index) => {
            const href = rows[index]?.href;
            if (href) router.push(href as Route);
          }}
        >
          {rows.map((row) => (
            <Cell key={row.key} fill={row.fill} {...(row.stroke && { stroke: row.stroke })} />
          ))}
          <LabelList dataKey="text" position="right" style={{ ...axisText, fill: chartColours.ink }} />
        </Bar>
      </BarChart>
    </ChartFrame>
  );
}

/** From a quarter of the causes' width below the lowest figure to a little above the highest, in major units for pixels. */
function rangeOf(bars: readonly BridgeBar[], currency: string): readonly [number, number] {
  const ends = bars.flatMap((bar) => (bar.kind === "total" ? [bar.to] : [bar.from, bar.to]));
  const figures = ends.map((end) => chartScale(end, currency));
  const [least, most] = [Math.min(...figures), Math.max(...figures)];
  const width = most - least || Math.abs(most) * 0.1 || 1;
  return [least - width * 0.25, most + width * 0.05];
}

function BridgeTable({
  bars,
  currency,
  figure,
}: Readonly<{ bars: readonly NamedBar[]; currency: string; figure: string }>) {
  return (
    <Table caption={`Bridge from SCAYLE to the ERP in ${currency}`}>
      <thead>
        <tr>
          <Th>Step</Th>
          <Th align="end">Count</Th>
          <Th align="end">
            {figure} {currency}
          </Th>
          <Th align="end">Running total {currency}</Th>
        </tr>
      </thead>
      <tbody>
        {bars.map((bar) => (
          <tr key={bar.key}>
            <Td>
              <Link href={bar.href as Route} className="underline decoration-line-strong underline-offset-4">
                {bar.label}
              </Link>
            </Td>
            <Td align="end">{bar.count.toLocaleString("en")}</Td>
            <Td align="end">
              <Amount minor={bar.amount} currency={currency} signed={bar.kind !== "total"} />
            </Td>
            <Td align="end">
              <Amount minor={bar.to} currency={currency} />
            </Td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
