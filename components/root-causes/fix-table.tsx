import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Table, Td, Th } from "@/components/ui/table";
import type { FixRow, FixTold } from "@/lib/root-causes/loaders";

/**
 * What becomes of a root cause's exceptions by its fix, of others by it, and of SCAYLE − ERP: one unit, the exception, and amounts
 * in their own currency. `actual`: what it really did, in a column beside the prediction.
 */
export function FixTable({
  predicted,
  actual = null,
  caption,
}: Readonly<{ predicted: FixTold | null; actual?: FixTold | null; caption: string }>) {
  const columns = [
    ...(predicted ? [{ name: actual ? "Predicted" : "Exceptions", told: predicted }] : []),
    ...(actual ? [{ name: predicted ? "Actual" : "Exceptions", told: actual }] : []),
  ];
  const keys = [...new Set(columns.flatMap(({ told }) => told.rows.map((row) => row.key)))];
  const inOrder = keys.sort((a, b) => orderOf(columns, a) - orderOf(columns, b));
  return (
    <Table caption={caption} stacked>
      <thead>
        <tr>
          <Th>What becomes of them</Th>
          {columns.map(({ name }) => (
            <Th key={name} align="end">
              {name}
            </Th>
          ))}
          {columns.map(({ name }) => (
            <Th key={name} align="end">
              {columns.length > 1 ? `${name}, about` : "About"}
            </Th>
          ))}
        </tr>
      </thead>
      <tbody>
        {inOrder.map((key) => {
          const cells = columns.map(({ name, told }) => ({
            name,
            row: told.rows.find((one) => one.key === key),
          }));
          const [shown] = cells.flatMap(({ row }) => row ?? []);
          return (
            shown && (
              <tr key={key}>
                <Td>
                  <What row={shown} />
                </Td>
                {cells.map(({ name, row }) => (
                  <Td key={name} align="end" label={name}>
                    {row?.count === null ? "–" : (row?.count ?? 0).toLocaleString("en")}
                  </Td>
                ))}
                {cells.map(({ name, row }) => (
                  <Td key={name} align="end" label={columns.length > 1 ? `${name}, about` : "About"}>
                    <Sums row={row} />
                  </Td>
                ))}
              </tr>
            )
          );
        })}
      </tbody>
    </Table>
  );
}

function orderOf(columns: readonly Readonly<{ told: FixTold }>[], key: string): number {
  for (const { told } of columns) {
    const row = told.rows.find((one) => one.key === key);
    if (row) return row.place;
  }
  return 0;
}

function What({ row }: Readonly<{ row: FixRow }>): ReactNode {
  return (
    <div className="max-w-prose min-w-48">
      <span className={row.isPart ? "block pl-4 text-sm" : "font-semibold"}>{row.what}</span>
      {row.some.length > 0 && (
        <ul className="flex flex-wrap gap-x-3 pl-4 text-sm">
          {row.some.map(({ id, reference }) => (
            <li key={id}>
              <Link
                href={`/exceptions/${id}` as Route}
                className="inline-flex min-h-[24px] items-center underline decoration-line-strong underline-offset-4"
              >
                {reference ?? "without a reference"}
              </Link>
            </li>
          ))}
          {row.count !== null && row.count > row.some.length && (
            <li className="text-soft">and {(row.count - row.some.length).toLocaleString("en")} more</li>
          )}
        </ul>
      )}
      {row.examples.length > 0 && (
        <ul className="pl-4 text-sm text-soft">
          {row.examples.map((text) => (
            <li key={text} className="break-words">
              {text}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

const Sums = ({ row }: Readonly<{ row: FixRow | undefined }>) =>
  row === undefined || row.sums.length === 0 ? (
    row?.signed ? (
      "nothing"
    ) : (
      "–"
    )
  ) : (
    <ul>
      {row.sums.map(({ currency, minor }) => (
        <li key={currency}>
          <Amount minor={minor} currency={currency} withCurrency signed={row.signed} />
        </li>
      ))}
    </ul>
  );
