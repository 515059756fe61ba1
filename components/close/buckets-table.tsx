import type { Route } from "next";
import Link from "next/link";
import { Amount } from "@/components/ui/amount";
import { Badge } from "@/components/ui/badge";
import { Table, Td, Th, TotalRow } from "@/components/ui/table";
import { type BucketName, bucketNames, type Totals } from "@/lib/close/schema";
import type { MovedCurrency } from "@/lib/moves/loaders";
import { bucketTones, bucketWords } from "./bucket-words";
import { ChangeLink } from "./change-link";

/** Every line of one side in exactly one bucket; what a rule excludes stands below the sum. */
export function BucketsTable({
  totals,
  side,
  moved,
  at,
}: Readonly<{
  totals: Totals;
  side: "scayle" | "erp";
  /** by how much each moved, in gross, where that is shown */
  moved?: MovedCurrency | undefined;
  /** as at which moment, as the address has it */
  at?: string | undefined;
}>) {
  const { currency, period, entity } = totals;
  const name = side === "scayle" ? "SCAYLE" : "ERP";
  const sum = totals[side];
  const hrefOf = (bucket: BucketName | null) =>
    `/close/${period}/lines?entity=${encodeURIComponent(entity)}&side=${side}&currency=${currency}${bucket && at === undefined ? `&bucket=${bucket}` : ""}${at === undefined ? "" : `&at=${encodeURIComponent(at)}`}`;
  const counted = bucketNames.filter((bucket) => bucket !== "excluded");
  return (
    <Table caption={`Lines of ${name} by bucket, in ${currency}`}>
      <thead>
        <tr>
          <Th>{name}</Th>
          <Th align="end">Lines</Th>
          <Th align="end">Net {currency}</Th>
          <Th align="end">Tax {currency}</Th>
          <Th align="end">Gross {currency}</Th>
          {moved && <Th align="end">Change</Th>}
        </tr>
      </thead>
      <tbody>
        {counted.map((bucket) => (
          <BucketRow
            key={bucket}
            bucket={bucket}
            totals={totals}
            side={side}
            href={hrefOf(bucket)}
            moved={moved}
          />
        ))}
        <TotalRow>
          <Td>
            <Link
              href={hrefOf(null) as Route}
              className="underline decoration-line-strong underline-offset-4"
            >
              {name} total
            </Link>
          </Td>
          <Td align="end">{sum.lines.toLocaleString("en")}</Td>
          {(["net", "tax", "gross"] as const).map((part) => (
            <Td key={part} align="end">
              <Amount minor={sum[part]} currency={currency} />
            </Td>
          ))}
          {moved && (
            <Td align="end">
              <ChangeLink moved={moved} total={{ name: side, key: null }} name={`${name}’s total`} />
            </Td>
          )}
        </TotalRow>
        <BucketRow bucket="excluded" totals={totals} side={side} href={hrefOf("excluded")} moved={moved} />
      </tbody>
    </Table>
  );
}

function BucketRow({
  bucket,
  totals,
  side,
  href,
  moved,
}: Readonly<{
  bucket: BucketName;
  totals: Totals;
  side: "scayle" | "erp";
  href: string;
  moved: MovedCurrency | undefined;
}>) {
  const held = totals.buckets[side][bucket] ?? { lines: 0, net: 0n, tax: 0n, gross: 0n };
  const badge = <Badge tone={bucketTones[bucket]}>{bucketWords[bucket]}</Badge>;
  return (
    <tr className={held.lines === 0 ? "text-soft" : undefined}>
      <Td>{held.lines === 0 ? badge : <Link href={href as Route}>{badge}</Link>}</Td>
      <Td align="end">{held.lines.toLocaleString("en")}</Td>
      {(["net", "tax", "gross"] as const).map((part) => (
        <Td key={part} align="end">
          <Amount minor={held[part]} currency={totals.currency} />
        </Td>
      ))}
      {moved && (
        <Td align="end">
          <ChangeLink
            moved={moved}
            total={{ name: side === "scayle" ? "scayle-bucket" : "erp-bucket", key: bucket }}
            name={`bucket ${bucketWords[bucket]}`}
          />
        </Td>
      )}
    </tr>
  );
}
