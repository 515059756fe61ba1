import type { ReactNode } from "react";
import { Badge } from "@/components/ui/badge";
import { Card } from "@/components/ui/card";
import { DayText } from "@/components/ui/instant";
import { Table, Td, Th } from "@/components/ui/table";

type Column<Row> = Readonly<{ header: string; cell: (row: Row) => ReactNode; align?: "start" | "end" }>;

/** A plain table of settings with its heading; says what makes the first row when there is none. */
export function SettingsCard<Row extends { id: string }>({
  title,
  description,
  rows,
  columns,
  empty,
}: Readonly<{
  title: string;
  description?: string;
  rows: readonly Row[];
  columns: readonly Column<Row>[];
  empty: string;
}>) {
  return (
    <Card title={title} {...(description && { description })} flush>
      {rows.length === 0 ? (
        <p className="p-4 text-sm text-soft">{empty}</p>
      ) : (
        <Table caption={title}>
          <thead>
            <tr>
              {columns.map((column) => (
                <Th key={column.header} align={column.align ?? "start"}>
                  {column.header}
                </Th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.id}>
                {columns.map((column) => (
                  <Td key={column.header} align={column.align ?? "start"}>
                    {column.cell(row)}
                  </Td>
                ))}
              </tr>
            ))}
          </tbody>
        </Table>
      )}
    </Card>
  );
}

/** Whether a person confirmed a proposal; only confirmed ones are used. */
export function Confirmed({ on, by }: Readonly<{ on: string | null; by?: string | null }>) {
  if (on === null) return <Badge tone="attention">Proposed, not used</Badge>;
  return (
    <Badge tone="agrees">
      Confirmed <DayText day={on} />
      {by && ` by ${by}`}
    </Badge>
  );
}
