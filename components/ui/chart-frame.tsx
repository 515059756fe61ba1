"use client";

import { ChartColumn, Table2 } from "lucide-react";
import { cloneElement, type ReactElement, type ReactNode, useState } from "react";
import { ResponsiveContainer } from "recharts";
import { Button } from "./button";
import { cx } from "./class-names";

/** The colours of charts, by meaning. Bars also carry labels: no figure is told by colour alone. */
export const chartColours = {
  agrees: "var(--chart-agrees)",
  explained: "var(--chart-explained)",
  attention: "var(--chart-attention)",
  broken: "var(--chart-broken)",
  total: "var(--chart-total)",
  line: "var(--line)",
  ink: "var(--ink)",
  soft: "var(--soft)",
} as const;

/** How axes are written in every chart. */
export const axisText = { fontSize: 12, fill: "var(--soft)" } as const;

/**
 * A chart with its table twin: the same figures for readers of screens and for whoever wants to copy them.
 * `children` is one Recharts chart; `table` shows the same rows.
 */
export function ChartFrame({
  label,
  height = 280,
  table,
  children,
}: Readonly<{
  label: string;
  height?: number;
  table: ReactNode;
  children: ReactElement<{ accessibilityLayer?: boolean }>;
}>) {
  const [shown, setShown] = useState<"chart" | "table">("chart");
  return (
    <figure aria-label={label} className="flex min-w-0 flex-col gap-2">
      <div className="flex justify-end" data-screen-only>
        <Button
          variant="quiet"
          onClick={() => setShown(shown === "chart" ? "table" : "chart")}
          icon={shown === "chart" ? <Table2 aria-hidden size={14} /> : <ChartColumn aria-hidden size={14} />}
        >
          {shown === "chart" ? "Show as table" : "Show as chart"}
        </Button>
      </div>
      {shown === "chart" && (
        <div aria-hidden className="min-w-0 print:break-inside-avoid" style={{ height }}>
          <ResponsiveContainer width="100%" height="100%">
            {/* Hidden from screen readers, so nothing in it may take the keyboard either. */}
            {cloneElement(children, { accessibilityLayer: false })}
          </ResponsiveContainer>
        </div>
      )}
      {/* Beside the chart the table stays readable for those who cannot see the bars; a link in it shows it, and so does paper. */}
      <div className={cx(shown === "chart" && "sr-only focus-within:not-sr-only print:not-sr-only")}>
        {table}
      </div>
    </figure>
  );
}
