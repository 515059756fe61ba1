import type { Route } from "next";
import Link from "next/link";
import type { ReactNode } from "react";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th } from "@/components/ui/table";
import { TieOutBadge } from "@/components/ui/tie-out-badge";
import type { Tone } from "@/components/ui/tone";
import type { MonthState } from "@/lib/close/overview";
import type { OverviewRow } from "@/lib/close/overview-view";
import { monthName } from "@/lib/domain/day";

const states: Readonly<Record<MonthState, readonly [Tone, string]>> = {
  open: ["neutral", "Open"],
  "soft-closed": ["attention", "About to be closed"],
  "signed-in-part": ["explained", "Signed in part"],
  signed: ["explained", "Signed"],
  suspended: ["attention", "Sign-off suspended"],
  reopened: ["attention", "Reopened"],
  locked: ["agrees", "Closed"],
};

/** All months of all entities: how each stands, what is left of it, and whose turn it is. */
export function OverviewTable({ rows }: Readonly<{ rows: readonly OverviewRow[] }>) {
  return (
    <Table caption="Months of all entities" stacked>
      <thead>
        <tr>
          <Th>Month</Th>
          <Th>Entity</Th>
          <Th>State</Th>
          <Th align="end">SCAYLE − ERP</Th>
          <Th align="end">Unexplained</Th>
          <Th align="end">Debt</Th>
          <Th align="end">Checklist</Th>
          <Th>Next</Th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <MonthRow key={`${row.month} ${row.entity.id}`} row={row} />
        ))}
      </tbody>
    </Table>
  );
}

function MonthRow({ row }: Readonly<{ row: OverviewRow }>) {
  const { entity, month, currencies, debt, progress, next } = row;
  const query = `?entity=${encodeURIComponent(entity.id)}`;
  const address = `/close/${month}${query}`;
  const [tone, word] = states[row.state];
  return (
    <tr className="align-top">
      <Td label="Month">
        <Link
          href={address as Route}
          aria-label={`${monthName(month)} of ${entity.name}`}
          className="whitespace-nowrap underline decoration-line-strong underline-offset-4"
        >
          {monthName(month)}
        </Link>
      </Td>
      <Td label="Entity">{entity.name}</Td>
      <Td label="State">
        <Badge tone={tone}>
          {word}
          {row.state === "signed-in-part" && `: ${row.signed} of ${row.signers}`}
        </Badge>
      </Td>
      <Td label="SCAYLE − ERP" align="end">
        <Lines none="not reconciled">
          {currencies.map((one) =>
            one.locked ? (
              <LockedDifference key={one.currency} {...one} locked={one.locked} />
            ) : (
              <span key={one.currency} className="flex items-baseline justify-end gap-1.5">
                <Amount minor={one.difference} currency={one.currency} signed withCurrency />
                <TieOutBadge tiesOut={one.tiesOut} ended={row.ended} differs={one.difference !== 0n} />
              </span>
            ),
          )}
        </Lines>
      </Td>
      <Td label="Unexplained" align="end">
        <Lines none="–">
          {currencies.map(({ currency, unexplained, unexplainedCount }) => (
            <Link
              key={currency}
              href={`/exceptions${query}&period=${month}&cause=unexplained&state=all` as Route}
              className="block underline decoration-line-strong decoration-dotted underline-offset-4"
            >
              <Amount minor={unexplained} currency={currency} withCurrency />
              {unexplainedCount > 0 && <span className="text-soft"> on {unexplainedCount}</span>}
            </Link>
          ))}
        </Lines>
      </Td>
      <Td label="Debt" align="end">
        <Lines none="none">
          {debt.map(({ currency, count, extent }) => (
            <Link
              key={currency}
              href={`/exceptions${query}&period=${month}` as Route}
              className="block underline decoration-line-strong decoration-dotted underline-offset-4"
            >
              <Amount minor={extent} currency={currency} withCurrency />
              <span className="text-soft"> on {count.toLocaleString("en")}</span>
            </Link>
          ))}
        </Lines>
      </Td>
      <Td label="Checklist" align="end">
        {progress ? (
          <Link
            href={`${address}#checklist` as Route}
            className="underline decoration-line-strong decoration-dotted underline-offset-4"
          >
            {progress.complete} of {progress.of}
          </Link>
        ) : (
          <span className="text-soft">closed</span>
        )}
      </Td>
      <Td label="Next" className="max-md:text-right">
        {next ? (
          <span>
            <span className="font-medium">{next.who}</span>{" "}
            <Link
              href={`${address}${next.at}` as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {next.what}
            </Link>
          </span>
        ) : (
          <span className="text-soft">Nothing to do</span>
        )}
      </Td>
    </tr>
  );
}

/** What is locked of a closed month; and what it comes to now, where something came to it later. */
function LockedDifference({
  currency,
  difference,
  locked,
}: Readonly<{
  currency: string;
  difference: bigint;
  locked: Readonly<{ difference: bigint; late: number }>;
}>) {
  return (
    <span className="flex flex-col items-end">
      <span className="flex items-baseline gap-1.5">
        <Amount minor={locked.difference} currency={currency} signed withCurrency />
        <Badge tone="agrees">Locked</Badge>
      </span>
      {locked.late > 0 && (
        <span className="text-soft">
          now <Amount minor={difference} currency={currency} signed withCurrency />, with{" "}
          {locked.late === 1 ? "1 late arrival" : `${locked.late.toLocaleString("en")} late arrivals`}
        </span>
      )}
    </span>
  );
}

function Lines({ none, children }: Readonly<{ none: string; children: readonly ReactNode[] }>) {
  if (children.length === 0) return <span className="text-soft">{none}</span>;
  return <span className="flex flex-col items-end gap-0.5">{children}</span>;
}
