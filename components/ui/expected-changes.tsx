import type { ReactNode } from "react";
import { Table, Td, Th } from "./table";

/** What something is expected to change elsewhere: what was read last, what is expected, what closes by it, and who has the last word. */
export function ExpectedChanges({
  name,
  changes,
  readAt,
  closes,
  besides,
}: Readonly<{
  name: string;
  changes: readonly Readonly<{ what: string; before: string; after: string }>[];
  /** when the values before were read */
  readAt: ReactNode;
  /** what is expected to close, each in a few words */
  closes: readonly string[];
  /** what else is expected, in sentences */
  besides: readonly string[];
}>) {
  return (
    <div className="flex w-full min-w-0 flex-col gap-2 text-sm">
      <p className="font-medium">What it is expected to change</p>
      {changes.length > 0 && (
        <Table caption={`What is expected to change of ${name}`} stacked>
          <thead>
            <tr>
              <Th>What</Th>
              <Th>As read last</Th>
              <Th>Expected</Th>
            </tr>
          </thead>
          <tbody>
            {changes.map(({ what, before, after }) => (
              <tr key={what}>
                <th scope="row" className="px-3 py-1 text-left font-medium">
                  {what}
                </th>
                <Td label="As read last">{before}</Td>
                <Td label="Expected">{after}</Td>
              </tr>
            ))}
          </tbody>
        </Table>
      )}
      <p className="max-w-prose">
        {closes.length === 0
          ? "No exception is expected to close by it."
          : closes.length === 1
            ? `Expected to close: ${closes[0]}.`
            : `Expected to close ${closes.length} exceptions: ${closes.join("; ")}.`}
        {besides.map((sentence) => ` ${sentence}`).join("")}
      </p>
      <p className="max-w-prose text-soft">
        As it was read last, {readAt}. This is what is expected and not what is done: nothing closes before it
        was read back, and what is read back decides.
      </p>
    </div>
  );
}
